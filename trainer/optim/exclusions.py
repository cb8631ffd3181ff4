"""Decides which variables are decayed and layer-adapted, by the type of the layer that owns them.

Name patterns are not used: they can match other variables on another backend, and a pattern that matches nothing raises
no error. Here every variable belongs to one of three groups, and the groups are logged at the start of a run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """How the optimizer treats one variable, and why."""

    decayed: bool
    adapted: bool
    reason: str  # "weight", "normalisation" or "bias"


WEIGHT = Rule(decayed=True, adapted=True, reason="weight")
NORMALISATION = Rule(decayed=False, adapted=False, reason="normalisation")
BIAS = Rule(decayed=False, adapted=False, reason="bias")


def rules_by_layer_type(model: Any) -> dict[str, Rule]:
    """A rule for every trainable variable of a Keras model, by the variable's path, in the model's order.

    The variables of normalisation layers, and those that their layer calls a bias, are neither decayed nor adapted. All
    others are both. Raises ValueError for any other vector, because somebody must decide about a new kind of layer.
    """
    import keras

    normalisations = (keras.layers.LayerNormalization, keras.layers.RMSNormalization, keras.layers.GroupNormalization)
    rules: dict[int, Rule] = {}
    for layer in model._flatten_layers():
        for variable in layer._trainable_variables:
            if isinstance(layer, normalisations):
                rules[id(variable)] = NORMALISATION
            elif variable is getattr(layer, "bias", None) or variable.name.endswith("bias"):
                rules[id(variable)] = BIAS
            elif len(variable.shape) < 2:
                raise ValueError(
                    f"{variable.path} is a vector of a {type(layer).__name__}, neither normalisation nor bias"
                )
            else:
                rules[id(variable)] = WEIGHT
    return {variable.path: rules[id(variable)] for variable in model.trainable_variables}


def describe(rules: Mapping[str, Rule], sizes: Mapping[str, int]) -> Iterable[str]:
    """One line for the log per group: how many variables and parameters, and which (their last two path elements)."""
    for rule in (WEIGHT, NORMALISATION, BIAS):
        paths = [path for path, given in rules.items() if given.reason == rule.reason]
        kinds = sorted({"/".join(path.split("/")[-2:]) for path in paths})
        treatment = "decayed and adapted" if rule.decayed else "neither decayed nor adapted"
        parameters = sum(sizes[path] for path in paths)
        shown = ", ".join(kinds[:8]) + (f", and {len(kinds) - 8} more" if len(kinds) > 8 else "")
        yield f"{rule.reason}: {len(paths)} variables, {parameters:,} parameters, {treatment} ({shown})"
