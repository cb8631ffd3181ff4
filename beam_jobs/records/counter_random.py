"""Random numbers that depend on where they are used, not on when.

The generator is counter-based: each number is a hash of a key and a counter, and a key is a hash of a path such as
(seed, shard, copy, document). So two workers, a retry or a resumed run draw the same number at the same place, and no
generator state has to be passed between them. The trainer draws the same masks as the job from the same key. The hash
is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014), which
passes BigCrush over counters.

The functions are compiled by numba and may be called from other kernels as well as from Python. Keys and draws are
uint64; counters and path elements are integers taken modulo 2**64.
"""

import numba
import numpy as np

_GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_30, _SHIFT_27, _SHIFT_31, _SHIFT_32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_SHIFT_11 = np.uint64(11)
_TO_UNIT = 1.0 / (1 << 53)


@numba.njit(cache=True, inline="always")
def _mix(x: np.uint64) -> np.uint64:
    x = (x ^ (x >> _SHIFT_30)) * _MIX_1
    x = (x ^ (x >> _SHIFT_27)) * _MIX_2
    return x ^ (x >> _SHIFT_31)


@numba.njit(cache=True)
def derive_key(key: np.uint64, element: int | np.uint64) -> np.uint64:
    """The key of the next element of a path: `derive_key(derive_key(seed, shard), copy)`."""
    return _mix(_mix(np.uint64(key) + _GOLDEN_GAMMA) ^ (np.uint64(element) * _GOLDEN_GAMMA + _MIX_1))


@numba.njit(cache=True)
def draw(key: np.uint64, counter: int) -> np.uint64:
    """The 64 random bits at `counter` in the stream of `key`."""
    return _mix(np.uint64(key) + (np.uint64(counter) + np.uint64(1)) * _GOLDEN_GAMMA)


@numba.njit(cache=True)
def draw_unit(key: np.uint64, counter: int) -> float:
    """A float64 uniform in [0, 1)."""
    return float(draw(key, counter) >> _SHIFT_11) * _TO_UNIT


@numba.njit(cache=True)
def draw_below(key: np.uint64, counter: int, bound: int) -> np.int64:
    """An integer uniform in [0, bound), for 0 < bound < 2**32; the bias is below bound / 2**32."""
    return np.int64(((draw(key, counter) >> _SHIFT_32) * np.uint64(bound)) >> _SHIFT_32)


def path_key(seed: int, *path: int) -> int:
    """The key at the end of a path, as a Python integer: `path_key(seed, shard, copy)`."""
    key = np.uint64(seed % 2**64)
    for element in path:
        key = np.uint64(derive_key(key, np.uint64(element % 2**64)))  # numba returns a Python integer
    return int(key)
