"""AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019).

The update is a pure function: parameters, gradients and moments in, parameters and moments out. `moments.py` makes an
optimizer of it.
"""

import math
from collections.abc import Mapping
from typing import Any

from keras import ops

from trainer.optim.exclusions import Rule
from trainer.optim.optimizer import Tree
from trainer.plans.settings import OptimizerSettings


def adam_direction(
    gradient: Any, first: Any, second: Any, updates: Any, settings: OptimizerSettings
) -> tuple[Any, Any, Any]:
    """Adam's step for one variable, before learning rate and decay, and the two new moments; float32, same shape.

    `updates` counts the updates that the moments have seen, this one included. Without `bias_correction` the step is
    that of google-research/bert, which has no correction term.
    """
    first = settings.beta_1 * first + (1.0 - settings.beta_1) * gradient
    second = settings.beta_2 * second + (1.0 - settings.beta_2) * ops.square(gradient)
    if not settings.bias_correction:
        return first / (ops.sqrt(second) + settings.epsilon), first, second
    count = ops.cast(updates, "float32")
    unbiased_first = first / _one_minus_power(settings.beta_1, count)
    unbiased_second = second / _one_minus_power(settings.beta_2, count)
    return unbiased_first / (ops.sqrt(unbiased_second) + settings.epsilon), first, second


def _one_minus_power(beta: float, count: Any) -> Any:
    """1 - beta ** count. Computed with expm1, because a plain subtraction from 1 loses four digits in float32."""
    return -ops.expm1(count * math.log(beta)) if beta else ops.ones_like(count)


def adamw_update(
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
    """One AdamW update: new parameters, first and second moments, and no trust ratios.

    As in BERT, the decay is added to the step, so that the learning rate scales both: w - lr * (step + decay * w).
    """
    new, firsts, seconds = {}, {}, {}
    for path, parameter in parameters.items():
        step, firsts[path], seconds[path] = adam_direction(
            gradients[path], first_moment[path], second_moment[path], updates, settings
        )
        if rules[path].decayed and settings.weight_decay:
            step = step + settings.weight_decay * parameter
        new[path] = parameter - learning_rate * step
    return new, firsts, seconds, {}
