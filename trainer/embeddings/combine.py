"""One tensor from those of several layers."""

from collections.abc import Sequence

import keras
from keras import ops

from trainer.embeddings.settings import CONCAT, LAST, MEAN


def combined(states: Sequence[keras.KerasTensor], combine: str) -> keras.KerasTensor:
    """The last of some tensors [..., hidden], their mean or sum, [..., hidden]; or all side by side, [..., layers * hidden].

    `combine` is of `COMBINES` in settings.py.
    """
    if combine == CONCAT:
        return ops.concatenate(list(states), axis=-1)
    if combine == LAST:
        return states[-1]
    total = sum(states[1:], states[0])
    return total / len(states) if combine == MEAN else total
