"""Random numbers as a function of their place."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.records.counter_random import derive_key, draw, draw_below, draw_unit, path_key

KEYS = st.integers(0, 2**64 - 1)
MASK = 2**64 - 1


def _splitmix64(state: int) -> int:
    """The published algorithm, in Python's own integers: the output for `state` after one step."""
    z = (state + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


@given(key=KEYS, counter=st.integers(0, 2**40))
def test_draws_are_those_of_splitmix64(key: int, counter: int) -> None:
    assert int(draw(np.uint64(key), counter)) == _splitmix64((key + counter * 0x9E3779B97F4A7C15) & MASK)


def test_the_first_numbers_of_the_published_generator() -> None:
    # seed 1234567, from the reference implementation's usual test vector
    first = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert [int(draw(np.uint64(1234567), i)) for i in range(5)] == first


@given(key=KEYS, counter=st.integers(0, 2**40), bound=st.integers(1, 2**32 - 1))
def test_ranges(key: int, counter: int, bound: int) -> None:
    assert 0 <= draw_below(np.uint64(key), counter, bound) < bound
    assert 0.0 <= draw_unit(np.uint64(key), counter) < 1.0


def test_draws_below_are_uniform() -> None:
    counts = np.bincount([draw_below(np.uint64(7), i, 10) for i in range(20_000)], minlength=10)
    assert np.abs(counts - 2000).max() < 5 * np.sqrt(2000 * 0.9)


@given(seed=st.integers(-(2**70), 2**70), path=st.lists(st.integers(0, 2**63), max_size=4))
def test_a_path_is_derived_step_by_step(seed: int, path: list[int]) -> None:
    key = np.uint64(seed % 2**64)
    for element in path:
        key = np.uint64(derive_key(key, np.uint64(element)))
    assert path_key(seed, *path) == int(key)


def test_neighbouring_paths_are_apart() -> None:
    keys = {path_key(seed, shard, copy) for seed in range(5) for shard in range(40) for copy in range(40)}
    assert len(keys) == 5 * 40 * 40
    assert path_key(1, 2, 3) != path_key(1, 3, 2) != path_key(2, 1, 3)
