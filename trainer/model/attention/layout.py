"""The shape of one use of fused attention, and how its kernels divide it."""

import math
from dataclasses import dataclass

EMPTY = -1e9  # the highest score of a query before the first key: what may be attended to lies above it ...
FORBIDDEN = -2e9  # ... and what may not lies so far below that its exponential is 0
LANES = 128  # of a TPU's vector registers
_LARGEST_BLOCK = {"tpu": LANES, "gpu": 64}  # a tile of scores stays in registers
_ROWS_OF_A_PROGRAM = 1024  # positions, so that the start of a program costs little beside its work
_WITHOUT_KERNELS = ("tpu v2", "tpu v3", "tesla v100", "nvidia v100", "v100", "tesla t4", "nvidia t4", "t4")
"""Beginnings of the names of devices, in lower case, that multiply no bfloat16 in a kernel: Mosaic refuses it on a TPU v3, and
these GPUs have no such units."""
_HASH_BYTES = 4 << 20  # of the 16 MB of vector memory that the smallest TPUs have


@dataclass(frozen=True)
class Layout:
    """One use of attention over local arrays [batch, length, heads * size]."""

    batch: int
    length: int
    heads: int
    size: int  # of a head
    rate: float  # of dropout
    platform: str  # "tpu" or "gpu"

    @property
    def hidden(self) -> int:
        """The last axis of the arrays."""
        return self.heads * self.size

    @property
    def scale(self) -> float:
        """Of the scores."""
        return 1.0 / math.sqrt(self.size)

    @property
    def block(self) -> int:
        """Positions of a block of queries and of one of keys."""
        largest = _LARGEST_BLOCK[self.platform]
        if self.platform == "gpu":
            return min(largest, max(16, 1 << (self.length - 1).bit_length()))  # a power of 2, at least a product's 16
        if self.length <= LANES:
            return -(-self.length // 16) * 16  # whole tiles of bfloat16
        return largest

    @property
    def blocks(self) -> int:
        """Blocks of a row."""
        return -(-self.length // self.block)

    @property
    def padded_length(self) -> int:
        """A row's length in whole blocks."""
        return self.blocks * self.block

    @property
    def tpu_lanes(self) -> int:
        """Lanes of the heads that a program for a TPU computes together."""
        return max(self.size, LANES)

    @property
    def tpu_rows(self) -> int:
        """Rows of the batch that a program for a TPU computes: the most that divide the batch."""
        most = max(1, _ROWS_OF_A_PROGRAM // self.padded_length)
        return max(rows for rows in range(1, most + 1) if self.batch % rows == 0)

    @property
    def tpu_keeps_hashes(self) -> bool:
        """Whether a lane tile's hashes stay in vector memory for all rows."""
        return self.rate > 0 and self.tpu_lanes // self.size * self.padded_length**2 * 4 <= _HASH_BYTES


def kernel_takes(platform: str, heads: int, size: int, device_kind: str = "") -> bool:
    """Whether a platform's kernels can compute heads of this number and size, on the kind of device if it is given."""
    if device_kind.lower().startswith(_WITHOUT_KERNELS):
        return False
    if platform == "tpu":
        return (heads * size) % LANES == 0 and (LANES % size == 0 or size % LANES == 0) and size >= 8
    return platform == "gpu" and 16 <= size <= 128 and size & (size - 1) == 0
