"""The optimizers that a plan can name."""

import functools

from trainer.optim.adamw import adamw_update
from trainer.optim.lamb import lamb_update
from trainer.optim.moments import optimizer_with_moments
from trainer.optim.optimizer import Optimizer
from trainer.plans.settings import OptimizerSettings

_UPDATES = {"lamb": lamb_update, "adamw": adamw_update}


@functools.cache
def optimizer_of(settings: OptimizerSettings) -> Optimizer:
    """The optimizer for these settings. Equal settings give the same object, so that phases share a compilation."""
    return optimizer_with_moments(_UPDATES[settings.name], settings)
