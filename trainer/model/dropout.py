"""Dropout from a counter-based hash: the mask of an element is a function of (key, element's index) alone.

Keras's own dropout uses the generator of the backend. On JAX that costs 20 rounds of threefry for each element, and
each backend gives other masks. The hash here consists of a few integer operations, which XLA fuses into the
multiplication with the mask. It needs no memory and no communication between devices, and gives the same mask on every
backend and on any number of devices.
"""

import math

import keras
from keras import ops

_SITE = 0x9E3779B9  # 2**32 / golden ratio: spreads consecutive counters over all 32 bits


def site_key(seed: keras.KerasTensor, site: int) -> keras.KerasTensor:
    """The key, uint32 [2], of one use of dropout.

    `seed`, [2] integers, is that of the step; `site` numbers the uses.
    """
    seed = ops.cast(seed, "uint32")  # Keras's generator state is int64 on TensorFlow
    low, high = seed[0], seed[1]
    first = _hash(ops.bitwise_xor(low, _constant(site * _SITE)))
    second = _hash(ops.bitwise_xor(ops.add(high, first), _constant((site + 1) * _SITE)))
    return ops.stack([first, second])


def dropout(x: keras.KerasTensor, rate: float, key: keras.KerasTensor | None) -> keras.KerasTensor:
    """`x` with each element zeroed with probability `rate`, the others divided by 1 - rate; `x` itself if key is None.

    `x` has any static or dynamic shape and any float dtype; `key` is uint32 [2]. The probability is exact to 2**-24.
    """
    if key is None or rate == 0.0:
        return x
    index = _element_index(x)
    bits = _hash(ops.bitwise_xor(_hash(ops.bitwise_xor(index, key[0])), key[1]))
    keep = ops.less(ops.right_shift(bits, _constant(8)), _constant(round((1.0 - rate) * 2**24)))
    return ops.where(keep, x * ops.cast(1.0 / (1.0 - rate), x.dtype), ops.zeros((), x.dtype))


def _element_index(x: keras.KerasTensor) -> keras.KerasTensor:
    """The row-major index of each element, uint32, wrapping at 2**32.

    It is a sum of one range per axis, so that XLA can shard it.
    """
    shape = ops.shape(x)
    index = ops.zeros((), "uint32")
    for axis, size in enumerate(shape):
        stride = math.prod(shape[axis + 1 :])
        steps = ops.cast(ops.arange(size, dtype="int32"), "uint32") * ops.cast(stride, "uint32")
        index = index + ops.reshape(steps, [-1 if i == axis else 1 for i in range(len(shape))])
    return index


def _hash(x: keras.KerasTensor) -> keras.KerasTensor:
    """A bijection of uint32 that mixes every bit into every other (Wellons' lowbias32, 2018)."""
    x = ops.multiply(ops.bitwise_xor(x, ops.right_shift(x, _constant(16))), _constant(0x7FEB352D))
    x = ops.multiply(ops.bitwise_xor(x, ops.right_shift(x, _constant(15))), _constant(0x846CA68B))
    return ops.bitwise_xor(x, ops.right_shift(x, _constant(16)))


def _constant(value: int) -> keras.KerasTensor:
    return ops.convert_to_tensor(value & 0xFFFFFFFF, dtype="uint32")
