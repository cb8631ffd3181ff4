"""Dropout from a counter-based hash: whether an element is kept follows from where it is, and from nothing else.

That is the seed, the update, the place of the instance in the global batch, the use of dropout in the network (its
site), and the element within the instance. So neither the number of devices nor the split into micro batches changes a
mask, and no device needs to know of the others.

Keras's own dropout uses the generator of the backend. On JAX that costs 20 rounds of threefry for each element, and
each backend gives other masks. The hash here consists of a few integer operations, which XLA fuses into the
multiplication with the mask. On a GPU the backward pass computes it again (`recomputed`); otherwise XLA would keep the
masks, a byte an element.
"""

import functools
import math

import keras
from keras import ops

from trainer.model.recomputed import recomputed

_SITE = 0x9E3779B9  # 2**32 / golden ratio: spreads consecutive counters over all 32 bits


def site_key(seed: keras.KerasTensor, site: int) -> keras.KerasTensor:
    """The key, uint32 [2], of one use of dropout.

    `seed`, [2] integers, is that of the update; `site` numbers the uses.
    """
    seed = ops.cast(seed, "uint32")  # Keras's generator state is int64 on TensorFlow
    low, high = seed[0], seed[1]
    first = _hash(ops.bitwise_xor(low, _constant(site * _SITE)))
    second = _hash(ops.bitwise_xor(ops.add(high, first), _constant((site + 1) * _SITE)))
    return ops.stack([first, second])


def dropout(
    x: keras.KerasTensor, rate: float, key: keras.KerasTensor | None, rows: keras.KerasTensor | None
) -> keras.KerasTensor:
    """`x` with each element zeroed with probability `rate`, the others divided by 1 - rate; `x` itself if key is None.

    Args:
        x: any float dtype, any static or dynamic shape whose first axis holds the instances one after the other, each
            of them one or more times: [instances, ...], or a matrix [instances * length, hidden].
        rate: exact to 2**-24.
        key: uint32 [2], see `site_key`.
        rows: uint32 [instances], the place of each instance in the global batch. It may be None if key is.
    """
    if key is None or rate == 0.0:
        return x
    return recomputed(functools.partial(_drop, rate=rate), x, key, rows)


def _drop(x: keras.KerasTensor, key: keras.KerasTensor, rows: keras.KerasTensor, rate: float) -> keras.KerasTensor:
    keep = ops.less(
        ops.right_shift(_bits(ops.shape(x), key, rows), _constant(8)), _constant(round((1.0 - rate) * 2**24))
    )
    keep = ops.reshape(keep, ops.shape(x))
    return ops.where(keep, x * ops.cast(1.0 / (1.0 - rate), x.dtype), ops.zeros((), x.dtype))


def _bits(shape: tuple, key: keras.KerasTensor, rows: keras.KerasTensor) -> keras.KerasTensor:
    """32 random bits for each element, uint32 [instances, `shape[0]` / instances, *shape[1:]].

    They are hash(hash(element ^ key[0]) ^ hash(row ^ key[1])). A hash of the row alone, and one of the element alone,
    cost next to nothing where a whole batch shares them.
    """
    instances = ops.shape(rows)[0]
    slices = (shape[0] // instances, *shape[1:])  # of one instance
    of_row = _hash(ops.bitwise_xor(ops.cast(rows, "uint32"), key[1]))
    of_element = _hash(ops.bitwise_xor(_element_index(slices), key[0]))
    return _hash(ops.bitwise_xor(of_element[None], ops.reshape(of_row, (-1,) + (1,) * len(slices))))


def _element_index(shape: tuple) -> keras.KerasTensor:
    """The row-major index of each element of a shape, uint32, wrapping at 2**32.

    It is a sum of one range per axis, so that XLA can fuse it.
    """
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
