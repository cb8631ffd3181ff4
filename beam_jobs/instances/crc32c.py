"""CRC-32C (Castagnoli, RFC 3720 appendix B.4) and the masked form that TFRecord files carry, as compiled functions.

Sixteen bytes at a time ("slicing", Kounavis and Berry 2008): table k holds the checksum of each byte followed by k zero
bytes, so that sixteen look-ups that do not wait for each other replace sixteen that do. 16 KiB of tables, any processor.
"""

import numba
import numpy as np

_POLYNOMIAL = 0x82F63B78  # reflected
_SLICES = 16
_MASK_DELTA = np.uint32(0xA282EAD8)


def _tables() -> np.ndarray:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1).astype(np.uint32)
    tables = np.empty((_SLICES, 256), np.uint32)
    tables[0] = table
    for k in range(1, _SLICES):
        tables[k] = (tables[k - 1] >> 8) ^ table[tables[k - 1] & 0xFF]
    return tables


_TABLES = _tables()


@numba.njit(cache=True)
def crc32c(buffer: np.ndarray, start: int, stop: int) -> np.uint32:
    """The CRC-32C of `buffer[start:stop]` (uint8)."""
    crc = np.uint32(0xFFFFFFFF)
    i = start
    while i + 16 <= stop:
        first = crc ^ (
            np.uint32(buffer[i])
            | np.uint32(buffer[i + 1]) << np.uint32(8)
            | np.uint32(buffer[i + 2]) << np.uint32(16)
            | np.uint32(buffer[i + 3]) << np.uint32(24)
        )
        late = _TABLES[11, buffer[i + 4]] ^ _TABLES[10, buffer[i + 5]] ^ _TABLES[9, buffer[i + 6]]
        late ^= _TABLES[8, buffer[i + 7]] ^ _TABLES[7, buffer[i + 8]] ^ _TABLES[6, buffer[i + 9]]
        late ^= _TABLES[5, buffer[i + 10]] ^ _TABLES[4, buffer[i + 11]] ^ _TABLES[3, buffer[i + 12]]
        late ^= _TABLES[2, buffer[i + 13]] ^ _TABLES[1, buffer[i + 14]] ^ _TABLES[0, buffer[i + 15]]
        crc = (
            _TABLES[15, first & np.uint32(255)]
            ^ _TABLES[14, first >> np.uint32(8) & np.uint32(255)]
            ^ _TABLES[13, first >> np.uint32(16) & np.uint32(255)]
            ^ _TABLES[12, first >> np.uint32(24)]
            ^ late
        )
        i += 16
    while i < stop:
        crc = crc >> np.uint32(8) ^ _TABLES[0, (crc ^ np.uint32(buffer[i])) & np.uint32(255)]
        i += 1
    return np.uint32(crc ^ np.uint32(0xFFFFFFFF))


@numba.njit(cache=True)
def masked_crc32c(buffer: np.ndarray, start: int, stop: int) -> np.uint32:
    """The checksum as TFRecord stores it: rotated right by 15 bits, plus a constant (tensorflow/core/lib/hash/crc32c.h)."""
    crc = crc32c(buffer, start, stop)
    return np.uint32((crc >> np.uint32(15) | crc << np.uint32(17)) + _MASK_DELTA)
