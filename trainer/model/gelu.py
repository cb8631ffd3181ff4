"""The two forms of GELU (Hendrycks & Gimpel 2016), computed in float32 and returned in the dtype of the input."""

import functools
import math

import keras
from keras import ops

from trainer.model.config import GELU_TANH
from trainer.model.recomputed import recomputed


def gelu(x: keras.KerasTensor, form: str) -> keras.KerasTensor:
    """x times the normal distribution function of x: exact ("gelu") or by tanh ("gelu_new"); any shape, any float dtype.

    JAX's exact form uses erfc, which costs twice as much and is more accurate only far out in the tail, where the
    result is almost 0.
    """
    return recomputed(functools.partial(_gelu, form=form), x)


def _gelu(x: keras.KerasTensor, form: str) -> keras.KerasTensor:
    y = ops.cast(x, "float32")
    if form == GELU_TANH:
        share = ops.tanh(math.sqrt(2 / math.pi) * (y + 0.044715 * y * y * y))
    else:
        share = ops.erf(y * math.sqrt(0.5))
    return ops.cast(0.5 * y * (1.0 + share), x.dtype)
