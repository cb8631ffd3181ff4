"""The cross entropy of logits that are in memory, and whether a label has the highest one."""

from typing import Any

from keras import ops


def cross_entropy(logits: Any, labels: Any) -> tuple[Any, Any]:
    """The loss of each position, and whether its label has the highest logit, both float32.

    `logits` are float32 [..., classes]. The label's logit is selected by a comparison of indices, which XLA fuses in
    both passes. The gradient of a gather would be a slow scatter.
    """
    classes = ops.arange(logits.shape[-1], dtype="int32")
    at_label = ops.equal(classes, ops.expand_dims(ops.cast(labels, "int32"), -1))
    picked = ops.sum(ops.where(at_label, logits, 0.0), axis=-1)
    highest = ops.stop_gradient(ops.max(logits, axis=-1))
    spread = ops.log(ops.sum(ops.exp(logits - ops.expand_dims(highest, -1)), axis=-1))
    return spread + highest - picked, ops.cast(picked >= highest, "float32")
