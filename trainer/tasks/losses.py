"""Parts of losses that tasks share."""

from typing import Any

from keras import ops


def divisor(weight: Any) -> Any:
    """The sum of weights as a divisor, never 0, so that the loss of a batch without labels is 0, not NaN."""
    return max(weight, 1e-6) if isinstance(weight, float) else ops.maximum(weight, 1e-6)
