"""How an array with one value for each weight is divided among devices, and in how many stages they exchange its parts.

Everything here is arithmetic on shapes; `moment_shards.py` does what it says.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SMALLEST = 2**14  # elements; smaller arrays stay whole: they are nothing to save, and each exchange takes time
MOST_PADDING = 1 / 16  # of an axis
TILE_ROWS = 8  # parts of so many rows are exchanged as they are on a TPU; others are copied first


@dataclass(frozen=True)
class Division:
    """An array is cut into equal parts along one axis."""

    axis: int
    length: int  # of that axis, zeros at its end included; a multiple of the number of devices


def division_of(shape: Sequence[int], devices: int) -> Division | None:
    """The first axis that so many devices divide evenly, or nearly; None for an array that stays whole.

    A word table of 119,547 rows gets five rows of zeros for 8 devices, because a cut through its columns would have to be
    transposed twice in every update.
    """
    if math.prod(shape) < SMALLEST or devices == 1:
        return None
    for axis, length in enumerate(shape):
        for group in (TILE_ROWS * devices, devices):
            padded = -(-length // group) * group
            if padded - length <= MOST_PADDING * length:
                return Division(axis, padded)
    return None


def stages_of(devices: Sequence[Any]) -> tuple[int, ...]:
    """The sizes of the groups in which sums are scattered and parts are gathered, one after the other.

    The compiler of TPUs makes of a scattered sum over a whole slice a sum that every device receives whole, which sends
    twice as much. It does as it is told for groups along an axis of the slice; so there are two stages, and one more
    between slices. Elsewhere there is one stage.
    """
    count = len(devices)
    if devices[0].platform != "tpu":
        return (count,)
    slices = len({getattr(device, "slice_index", 0) for device in devices})
    inner = count // slices
    side = max(n for n in range(1, math.isqrt(inner) + 1) if inner % n == 0)
    return tuple(size for size in (slices, side, inner // side) if size > 1)
