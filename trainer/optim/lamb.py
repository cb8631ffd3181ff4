"""LAMB (You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2020).

For each variable, the Adam step, decay included, is rescaled to the norm of the weights. The variables of LayerNorm and
biases are neither decayed nor rescaled: their norms are so small that they would hardly move.
"""

from collections.abc import Mapping
from typing import Any

from keras import ops

from trainer.optim.adamw import adam_direction
from trainer.optim.exclusions import Rule
from trainer.optim.optimizer import Tree
from trainer.plans.settings import OptimizerSettings


def lamb_update(
    parameters: Tree,
    gradients: Tree,
    first_moment: Tree,
    second_moment: Tree,
    *,
    updates: Any,
    learning_rate: Any,
    settings: OptimizerSettings,
    rules: Mapping[str, Rule],
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]:
    """One LAMB update: new parameters, first and second moments, and the trust ratio of every adapted variable.

    `updates` counts the updates that the moments have seen, this one included; ratios are float32 scalars by path.
    """
    new, firsts, seconds, ratios = {}, {}, {}, {}
    for path, parameter in parameters.items():
        step, firsts[path], seconds[path] = adam_direction(
            gradients[path], first_moment[path], second_moment[path], updates, settings
        )
        if rules[path].decayed and settings.weight_decay:
            step = step + settings.weight_decay * parameter
        if rules[path].adapted:
            ratios[path] = trust_ratio(parameter, step)
            step = ratios[path] * step
        new[path] = parameter - learning_rate * step
    return new, firsts, seconds, ratios


def trust_ratio(parameter: Any, step: Any) -> Any:
    """|parameter| / |step|, float32; 1 if either is zero, so that a variable that is initialised as zero can change."""
    weight_norm = ops.sqrt(ops.sum(ops.square(parameter)))
    step_norm = ops.sqrt(ops.sum(ops.square(step)))
    usable = ops.logical_and(weight_norm > 0, step_norm > 0)
    return ops.where(usable, weight_norm / ops.where(usable, step_norm, 1.0), 1.0)
