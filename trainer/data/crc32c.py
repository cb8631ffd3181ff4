"""CRC-32C (Castagnoli, RFC 3720 appendix B.4) as TFRecord files carry it, over many records in one compiled call.

On x86-64 processors the instruction of SSE 4.2 takes eight bytes at a time; elsewhere tables do ("slicing by 8",
Kounavis and Berry 2008).
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
_MASK_DELTA = np.uint32(0xA282EAD8)
_WORD = 8


def _tables() -> np.ndarray:
    tables = np.empty((_WORD, 256), np.uint32)
    crc = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        crc = np.where(crc & 1, crc >> 1 ^ np.uint32(_POLYNOMIAL), crc >> 1).astype(np.uint32)
    tables[0] = crc
    for k in range(1, _WORD):
        tables[k] = tables[k - 1] >> 8 ^ crc[tables[k - 1] & 0xFF]
    return tables


_TABLES = _tables()


def _has_instruction() -> bool:
    if platform.machine() not in ("x86_64", "AMD64") or numba.config.CPU_NAME or numba.config.CPU_FEATURES:
        return False
    try:
        return bool(llvmlite.binding.get_host_cpu_features().get("sse4.2"))
    except RuntimeError:
        return False


@intrinsic
def _instruction(typing_context: Any, crc: Any, word: Any) -> Any:
    """The checksum `crc` continued with the 8 bytes of `word`, both uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = ir.IntType(64)
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(bits, [bits, bits]), "llvm.x86.sse42.crc32.64.64"
        )
        return builder.call(function, arguments)

    return types.uint64(types.uint64, types.uint64), generate


@numba.njit(cache=True, nogil=True)
def crc32c_by_tables(data, start, stop):
    """The CRC-32C of `data[start:stop]` (uint8), on any processor."""
    crc = np.uint32(0xFFFFFFFF)
    at = start
    while at + _WORD <= stop:
        value = np.uint32(0)
        for k in range(_WORD):
            byte = np.uint32(data[at + k])
            if k < 4:
                byte ^= crc >> np.uint32(8 * k) & np.uint32(0xFF)
            value ^= _TABLES[_WORD - 1 - k, byte]
        crc = value
        at += _WORD
    return _finish(crc, data, at, stop)


@numba.njit(cache=True, nogil=True)
def crc32c_by_instruction(data, start, stop):
    """The CRC-32C of `data[start:stop]` (uint8), on a processor that has the instruction."""
    crc = np.uint64(0xFFFFFFFF)
    at, end = np.uintp(start), np.uintp(stop)  # unsigned: no look at every access whether it counts from the end
    while at + np.uintp(_WORD) <= end:
        word = np.uint64(0)
        for k in range(_WORD):  # one load, once compiled
            word |= np.uint64(data[at + np.uintp(k)]) << np.uint64(8 * k)
        crc = _instruction(crc, word)
        at += np.uintp(_WORD)
    return _finish(np.uint32(crc), data, np.int64(at), stop)


@numba.njit(cache=True, nogil=True)
def _finish(crc, data, at, stop):
    while at < stop:
        crc = crc >> np.uint32(8) ^ _TABLES[0, (crc ^ np.uint32(data[at])) & np.uint32(0xFF)]
        at += 1
    return np.uint32(crc ^ np.uint32(0xFFFFFFFF))


crc32c = crc32c_by_instruction if _has_instruction() else crc32c_by_tables


@numba.njit(cache=True, nogil=True)
def masked_crc32c(data, start, stop):
    """The checksum as TFRecord stores it: rotated right by 15 bits, plus a constant (tensorflow/core/lib/hash/crc32c.h)."""
    crc = crc32c(data, start, stop)
    return np.uint32((crc >> np.uint32(15) | crc << np.uint32(17)) + _MASK_DELTA)
