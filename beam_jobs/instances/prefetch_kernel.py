"""Asks the processor to load memory that will be read soon, for use in compiled code.

Instances are written in random order, so each begins with several reads of places in the memory that no cache holds.
If these are asked for a few instances earlier, the processor does not wait for them.
"""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

_ROW_AHEAD, _PIECES_AHEAD = 16, 4  # instances; a row must have arrived before its pieces can be asked for
_IDS_OF_A_LINE = 16  # int32 ids in the 64 bytes that a processor loads at once
_FOR_READING, _KEEP_IN_ALL_CACHES, _DATA = 0, 3, 1  # arguments of the instruction, as LLVM's reference lists them


@intrinsic
def _prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    """Ask for the element at `index` of a contiguous array. Nothing is checked, since nothing can go wrong."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0]).data
        pointer, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        function_type = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, function_type, "llvm.prefetch.p0")
        address = builder.bitcast(builder.gep(data, [arguments[1]]), pointer)
        builder.call(function, [address, *map(number, (_FOR_READING, _KEEP_IN_ALL_CACHES, _DATA))])
        return context.get_dummy_value()

    return types.void(array, index), generate


@numba.njit(cache=True)
def prefetch_instances(rows: np.ndarray, order: np.ndarray, n: int, ids: np.ndarray) -> None:
    """Ask for what the instances that follow `rows[order[n]]` (PLANNED_INSTANCE) need, of the rows and of `ids` (int32)."""
    if n + _ROW_AHEAD < len(order):
        _prefetch(rows, np.uintp(order[n + _ROW_AHEAD]))
    if n + _PIECES_AHEAD < len(order):
        row = rows[order[n + _PIECES_AHEAD]]
        for start, length in ((row.a_start, row.a_length), (row.b_start, row.b_length)):
            for i in range(0, length + _IDS_OF_A_LINE - 1, _IDS_OF_A_LINE):
                _prefetch(ids, np.uintp(start + i))
