"""Lists of varints, compiled: all varints are computed first, in vector registers, and then written one behind the other.

A varint (protobuf's variable-length integer) has 7 bits of the value in each byte, the lowest first, and the highest bit
of a byte says that another one follows. Values are below 2**21 here, so 3 bytes are enough. `encode.py` has the plain
version.
"""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

MAX_VARINT = 3  # bytes

_LENGTH_AT = np.uint32(24)  # bits: above the bytes of a varint stands how many they are


@intrinsic
def _store(typing_context: Any, array: Any, index: Any, word: Any) -> Any:
    """Write a uint32 as 4 bytes, the lowest first, at `index` of a contiguous uint8 array. Bounds are not checked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(32).as_pointer())
        builder.store(arguments[2], address).align = 1
        return context.get_dummy_value()

    return types.void(array, index, word), generate


@numba.njit(cache=True)
def encode_varints(values: np.ndarray, count: int, varints: np.ndarray, at: int) -> int:
    """Encode the first `count` `values` (int32, below 2**21) into `varints[at:]` (uint32). Returns their bytes together.

    An element holds the bytes of a varint, the first in the lowest bits, and their number in its highest byte.
    """
    target = varints[at : at + count]
    size = np.int32(0)
    for i in range(len(target)):  # without branches, so that it compiles to vector instructions
        value = np.uint32(values[i])
        two, three = np.uint32(value >= np.uint32(1 << 7)), np.uint32(value >= np.uint32(1 << 14))
        length = np.uint32(1) + two + three
        low, middle = value & np.uint32(0x7F), value << np.uint32(1) & np.uint32(0x7F00)
        high = value << np.uint32(2) & np.uint32(0x7F0000)
        target[i] = low | middle | high | two << np.uint32(7) | three << np.uint32(15) | length << _LENGTH_AT
        size += np.int32(length)
    return int(np.int64(size))


@numba.njit(cache=True)
def write_varints(out: np.ndarray, at: int, varints: np.ndarray, first: int, count: int) -> int:
    """Write `varints[first : first + count]` to `out` (uint8) at `at`. Returns where they end.

    Up to 3 bytes behind them are overwritten too, because each varint is stored as 4 bytes.
    """
    p = np.uintp(at)  # unsigned, which saves numba's check for negative indices
    for i in range(np.uintp(first), np.uintp(first + count)):
        varint = varints[i]
        _store(out, p, varint)
        p += np.uintp(varint >> _LENGTH_AT)
    return int(np.int64(p))
