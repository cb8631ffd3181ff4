"""Random numbers as a function of where they are used: the finaliser of SplitMix64 over (key, counter).

Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. It is the generator that the corpus jobs
use, so that a mask drawn here and a mask drawn there from the same key are the same; a test holds the two equal. Keys and
draws are uint64; counters and path elements are integers taken modulo 2**64.
"""

import numba
import numpy as np

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_30, _SHIFT_27, _SHIFT_31, _SHIFT_32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)


@numba.njit(cache=True, nogil=True, inline="always")
def _mix(x):
    x = (x ^ (x >> _SHIFT_30)) * _MIX_1
    x = (x ^ (x >> _SHIFT_27)) * _MIX_2
    return x ^ (x >> _SHIFT_31)


@numba.njit(cache=True, nogil=True)
def derive_key(key, element):
    """The key one step further down a path: `derive_key(derive_key(seed, epoch), instance)`."""
    return _mix(_mix(np.uint64(key) + _GAMMA) ^ (np.uint64(element) * _GAMMA + _MIX_1))


@numba.njit(cache=True, nogil=True)
def draw(key, counter):
    """The 64 random bits at `counter` of the stream that `key` names."""
    return _mix(np.uint64(key) + (np.uint64(counter) + np.uint64(1)) * _GAMMA)


@numba.njit(cache=True, nogil=True)
def draw_below(key, counter, bound):
    """An integer uniform in [0, bound), for 0 < bound < 2**32; the bias is below bound / 2**32."""
    return np.int64(((draw(key, counter) >> _SHIFT_32) * np.uint64(bound)) >> _SHIFT_32)


def path_key(seed: int, *path: int) -> int:
    """The key at the end of a path, as a Python integer."""
    key = np.uint64(seed % 2**64)
    for element in path:
        key = np.uint64(derive_key(key, np.uint64(element % 2**64)))  # numba gives back a Python integer
    return int(key)


def permutation(key: int, size: int) -> np.ndarray:
    """A random permutation of range(size), int64, the same on every machine and with every numpy version."""
    counters = np.arange(1, size + 1, dtype=np.uint64)
    x = np.uint64(key) + counters * _GAMMA
    x = (x ^ (x >> _SHIFT_30)) * _MIX_1
    x = (x ^ (x >> _SHIFT_27)) * _MIX_2
    return np.argsort(x ^ (x >> _SHIFT_31), kind="stable")
