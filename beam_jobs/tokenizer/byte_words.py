"""Helpers of the compiled tokenizer that read text eight bytes at a time.

They read whole words of 8 bytes and do not check bounds, so arrays must have `PADDING` bytes after their text.
"""

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

PADDING = 32

# The kinds of bytes: a part of a chunk, or a place where the text is cut.
IN_CHUNK, BLANK, LINE_END, ASCII_PUNCTUATION = 0, 1, 2, 4


@intrinsic
def load_word(typing_context, array, index):
    """The 8 bytes at `index` of a contiguous uint8 array, aligned or not, as a little-endian uint64."""

    def generate(context, builder, signature, arguments):
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(64).as_pointer())
        word = builder.load(address)
        word.align = 1
        return word

    return types.uint64(array, index), generate


@intrinsic
def trailing_zeros(typing_context, word):
    """The number of zero bits below the lowest 1 bit of a uint64 other than 0, as uint64."""

    def generate(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


@intrinsic
def places_of(typing_context, array, index, byte):
    """Bit i of the uint32 result says whether `array[index + i]` of a contiguous uint8 array is `byte`, for 32 bytes."""

    def generate(context, builder, signature, arguments):
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0]).data
        address = builder.gep(data, [arguments[1]])
        vector = ir.VectorType(ir.IntType(8), 32)
        bytes_there = builder.load(builder.bitcast(address, vector.as_pointer()))
        bytes_there.align = 1
        one = builder.insert_element(ir.Constant(vector, ir.Undefined), arguments[2], ir.Constant(ir.IntType(32), 0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), 32), [0] * 32)
        same = builder.icmp_unsigned("==", bytes_there, builder.shuffle_vector(one, one, lanes))
        return builder.bitcast(same, ir.IntType(32))

    return types.uint32(array, index, types.uint8), generate


@numba.njit(cache=True, nogil=True)
def mark_bytes(data, kinds, end):
    """Write the kind of each byte of `data[:end]` to `kinds`, and LINE_END to all of the padding."""
    for i in range(end):  # without branches and tables, so that it compiles to a few vector instructions per 32 bytes
        byte = data[i]
        blank = np.uint8((byte == 32) | (byte == 9))
        line_end = np.uint8(byte == 10)
        low = ((byte >= 33) & (byte <= 47)) | ((byte >= 58) & (byte <= 64))
        high = ((byte >= 91) & (byte <= 96)) | ((byte >= 123) & (byte <= 126))
        kinds[i] = blank | (line_end << np.uint8(1)) | (np.uint8(low | high) << np.uint8(2))
    for i in range(end, end + PADDING):
        kinds[i] = LINE_END
