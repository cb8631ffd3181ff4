"""CRC-32C (Castagnoli, RFC 3720 appendix B.4) and the masked form that TFRecord files carry, as compiled functions.

On x86-64 with SSE 4.2 the processor's own instruction is used, which takes eight bytes at a time. Elsewhere tables are
used, sixteen bytes at a time ("slicing", Kounavis and Berry 2008): table k holds the checksum of each byte followed by
k zero bytes, so that the sixteen look-ups do not depend on each other. The instruction is 2.5 times as fast as the
tables.
"""

import platform
from typing import Any

import llvmlite.binding
import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

_POLYNOMIAL = 0x82F63B78  # reflected
_SLICES, _WORD = np.uintp(16), np.uintp(8)
_MASK_DELTA = np.uint32(0xA282EAD8)


def _tables() -> np.ndarray:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1).astype(np.uint32)
    tables = np.empty((int(_SLICES), 256), np.uint32)
    tables[0] = table
    for k in range(1, len(tables)):
        tables[k] = (tables[k - 1] >> 8) ^ table[tables[k - 1] & 0xFF]
    return tables


_TABLES = _tables()


def has_instruction() -> bool:
    """Whether numba compiles for a processor that is known to have the instruction."""
    if platform.machine() not in ("x86_64", "AMD64") or numba.config.CPU_NAME or numba.config.CPU_FEATURES:
        return False
    try:
        return bool(llvmlite.binding.get_host_cpu_features().get("sse4.2"))
    except RuntimeError:
        return False


@intrinsic
def _instruction(typing_context: Any, crc: Any, data: Any) -> Any:
    """The checksum `crc` continued with the 8 bytes of `data`, both uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        function_type = ir.FunctionType(word, [word, word])
        function = cgutils.get_or_insert_function(builder.module, function_type, "llvm.x86.sse42.crc32.64.64")
        return builder.call(function, arguments)

    return types.uint64(types.uint64, types.uint64), generate


@numba.njit(cache=True)
def crc32c_by_tables(buffer: np.ndarray, start: int, stop: int) -> np.uint32:
    """The CRC-32C of `buffer[start:stop]` (uint8), on any processor."""
    crc = np.uint32(0xFFFFFFFF)
    i, end = np.uintp(start), np.uintp(stop)  # unsigned, which saves numba's check for negative indices
    while i + _SLICES <= end:
        first = crc ^ (
            np.uint32(buffer[i])
            | np.uint32(buffer[i + np.uintp(1)]) << np.uint32(8)
            | np.uint32(buffer[i + np.uintp(2)]) << np.uint32(16)
            | np.uint32(buffer[i + np.uintp(3)]) << np.uint32(24)
        )
        late = np.uint32(0)  # the part that does not depend on the checksum so far
        for k in range(4, 16):
            late ^= _TABLES[np.uintp(15 - k), buffer[i + np.uintp(k)]]
        crc = (
            _TABLES[np.uintp(15), first & np.uint32(255)]
            ^ _TABLES[np.uintp(14), first >> np.uint32(8) & np.uint32(255)]
            ^ _TABLES[np.uintp(13), first >> np.uint32(16) & np.uint32(255)]
            ^ _TABLES[np.uintp(12), first >> np.uint32(24)]
            ^ late
        )
        i += _SLICES
    return _finish(crc, buffer, i, end)


@numba.njit(cache=True)
def crc32c_by_instruction(buffer: np.ndarray, start: int, stop: int) -> np.uint32:
    """The CRC-32C of `buffer[start:stop]` (uint8), where `has_instruction()`."""
    crc = np.uint64(0xFFFFFFFF)
    i, end = np.uintp(start), np.uintp(stop)
    while i + _WORD <= end:
        data = np.uint64(0)
        for k in range(8):  # compiles to one load
            data |= np.uint64(buffer[i + np.uintp(k)]) << np.uint64(8 * k)
        crc = _instruction(crc, data)
        i += _WORD
    return _finish(np.uint32(crc), buffer, i, end)


@numba.njit(cache=True)
def _finish(crc: np.uint32, buffer: np.ndarray, i: np.uintp, end: np.uintp) -> np.uint32:
    """The last bytes one at a time, and the final inversion."""
    while i < end:
        crc = crc >> np.uint32(8) ^ _TABLES[np.uintp(0), (crc ^ np.uint32(buffer[i])) & np.uint32(255)]
        i += np.uintp(1)
    return np.uint32(crc ^ np.uint32(0xFFFFFFFF))


crc32c = crc32c_by_instruction if has_instruction() else crc32c_by_tables


@numba.njit(cache=True)
def masked_crc32c(buffer: np.ndarray, start: int, stop: int) -> np.uint32:
    """The checksum as TFRecord stores it: rotated right by 15 bits, plus a constant (tensorflow/core/lib/hash/crc32c.h)."""
    crc = crc32c(buffer, start, stop)
    return np.uint32((crc >> np.uint32(15) | crc << np.uint32(17)) + _MASK_DELTA)
