"""CRC-32C (Castagnoli, RFC 3720 appendix B.4) and the masked form that TFRecord files carry, as compiled functions.

Sixteen bytes at a time ("slicing", Kounavis and Berry 2008): table k holds the checksum of each byte followed by k zero
bytes, so that sixteen look-ups that do not wait for each other replace sixteen that do. 16 KiB of tables, any processor.
"""

import numba
import numpy as np

_POLYNOMIAL = 0x82F63B78  # reflected
_SLICES = np.uintp(16)
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


@numba.njit(cache=True)
def crc32c(buffer: np.ndarray, start: int, stop: int) -> np.uint32:
    """The CRC-32C of `buffer[start:stop]` (uint8)."""
    crc = np.uint32(0xFFFFFFFF)
    i, end = np.uintp(start), np.uintp(stop)  # unsigned: no look at every access whether it counts from the end
    while i + _SLICES <= end:
        first = crc ^ (
            np.uint32(buffer[i])
            | np.uint32(buffer[i + np.uintp(1)]) << np.uint32(8)
            | np.uint32(buffer[i + np.uintp(2)]) << np.uint32(16)
            | np.uint32(buffer[i + np.uintp(3)]) << np.uint32(24)
        )
        late = np.uint32(0)  # all that does not wait for the checksum so far
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
    while i < end:
        crc = crc >> np.uint32(8) ^ _TABLES[np.uintp(0), (crc ^ np.uint32(buffer[i])) & np.uint32(255)]
        i += np.uintp(1)
    return np.uint32(crc ^ np.uint32(0xFFFFFFFF))


@numba.njit(cache=True)
def masked_crc32c(buffer: np.ndarray, start: int, stop: int) -> np.uint32:
    """The checksum as TFRecord stores it: rotated right by 15 bits, plus a constant (tensorflow/core/lib/hash/crc32c.h)."""
    crc = crc32c(buffer, start, stop)
    return np.uint32((crc >> np.uint32(15) | crc << np.uint32(17)) + _MASK_DELTA)
