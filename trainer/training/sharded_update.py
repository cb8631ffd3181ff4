"""An optimizer that updates, on each device, only the part of the weights whose moments the device holds."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from trainer.devices.runtime import Runtime
from trainer.optim.exclusions import Rule
from trainer.optim.optimizer import Optimizer, OptimizerState, Tree


def sharded_update(optimizer: Optimizer, runtime: Runtime) -> Optimizer:
    """The optimizer for the parts that `runtime.shards` makes of gradients and moments; the optimizer itself without.

    Its update takes and gives whole weights. In between the compiler divides every operation as its arrays are divided,
    and adds sums over an array, such as LAMB's norms, over the devices.
    """
    shards = runtime.shards
    if shards is None:
        return optimizer

    def update(
        weights: Tree, gradients: Tree, state: OptimizerState, *, learning_rate: Any, rules: Mapping[str, Rule]
    ) -> tuple[dict[str, Any], OptimizerState, dict[str, Any]]:
        new, state, figures = optimizer.update(
            shards.parts(weights), gradients, state, learning_rate=learning_rate, rules=rules
        )
        return shards.gathered(new, {name: value.shape for name, value in weights.items()}), state, figures

    return dataclasses.replace(optimizer, update=update)
