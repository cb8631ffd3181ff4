"""How large the states of the optimizers are, known without importing Keras: for a look at a plan."""

from trainer.optim.moments import BYTES_PER_WEIGHT

STATE_BYTES_PER_WEIGHT = {"lamb": BYTES_PER_WEIGHT, "adamw": BYTES_PER_WEIGHT}
"""By the optimizer's name in a plan; equals `Optimizer.bytes_per_weight`."""
