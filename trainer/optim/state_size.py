"""The sizes of the optimizers' states, for `plan show`, which must not import Keras."""

from trainer.optim.moments import BYTES_PER_WEIGHT

STATE_BYTES_PER_WEIGHT = {"lamb": BYTES_PER_WEIGHT, "adamw": BYTES_PER_WEIGHT}
"""By the name of the optimizer in a plan. Each equals `Optimizer.bytes_per_weight`."""
