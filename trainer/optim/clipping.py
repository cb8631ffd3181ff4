"""Clips gradients by their global norm, after those of all devices and micro batches have been added up."""

from typing import Any

from keras import ops

from trainer.optim.optimizer import Tree


def clip_by_global_norm(gradients: Tree, max_norm: float) -> tuple[dict[str, Any], Any]:
    """The gradients, scaled so that their joint L2 norm is at most `max_norm` (0: no limit), and their norm before."""
    norm = ops.sqrt(sum(ops.sum(ops.square(gradient)) for gradient in gradients.values()))
    if not max_norm:
        return dict(gradients), norm
    scale = max_norm / ops.maximum(norm, max_norm)
    return {path: gradient * scale for path, gradient in gradients.items()}, norm
