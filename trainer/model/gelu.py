"""The two forms of GELU (Hendrycks & Gimpel 2016), in float32 inside, in the input's dtype outside."""

import math

import keras
from keras import ops

from trainer.model.config import GELU_TANH


def gelu(x: keras.KerasTensor, form: str) -> keras.KerasTensor:
    """x times the normal distribution function of x: exact ("gelu"), or by tanh ("gelu_new"); any shape and float dtype.

    Written out because JAX's own exact form goes through erfc, which costs twice as much and buys digits only far out in
    the tail, where the result is next to 0.
    """
    y = ops.cast(x, "float32")
    if form == GELU_TANH:
        share = ops.tanh(math.sqrt(2 / math.pi) * (y + 0.044715 * y * y * y))
    else:
        share = ops.erf(y * math.sqrt(0.5))
    return ops.cast(0.5 * y * (1.0 + share), x.dtype)
