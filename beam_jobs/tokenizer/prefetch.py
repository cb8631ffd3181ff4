"""Asks the processor to load memory that compiled code will read soon, so that it need not wait for it then."""

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

_FOR_READING, _KEEP_IN_ALL_CACHES, _DATA = 0, 3, 1  # arguments of llvm.prefetch, as LLVM's reference lists them


@intrinsic
def prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    """Ask for the memory (64 bytes on most processors) around the element at `index` of a contiguous array.

    In an array of several dimensions the index counts elements in the order of the memory. It is not checked: to ask
    for memory that is not there has no effect.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0]).data
        pointer, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        function_type = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, function_type, "llvm.prefetch.p0")
        address = builder.bitcast(builder.gep(data, [arguments[1]]), pointer)
        builder.call(function, [address, *map(number, (_FOR_READING, _KEEP_IN_ALL_CACHES, _DATA))])
        return context.get_dummy_value()

    return types.void(array, index), generate
