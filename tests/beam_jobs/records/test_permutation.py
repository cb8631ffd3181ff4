import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.records.counter_random import draw, path_key
from beam_jobs.records.permutation import permutation


@pytest.mark.parametrize("size", [0, 1, 2, 1000])
def test_a_permutation_holds_everything_once(size: int) -> None:
    assert sorted(permutation(path_key(42), size).tolist()) == list(range(size))
    if size == 1000:
        assert permutation(path_key(42), size).tolist() != permutation(path_key(43), size).tolist()


@given(key=st.integers(0, 2**64 - 1), size=st.integers(0, 40))
def test_the_order_is_that_of_the_draws(key, size):
    draws = [int(draw(np.uint64(key), place)) >> max(size - 1, 0).bit_length() for place in range(size)]
    assert permutation(key, size).tolist() == sorted(range(size), key=draws.__getitem__)


def test_two_draws_that_differ_in_their_lowest_bits():
    """Are ordered by their highest bits, then by place; corpora and resumed runs hang on it."""
    assert permutation(path_key(20), 1 << 20)[881941:881943].tolist() == [499609, 647036]


def test_a_size_that_is_a_power_of_two_by_its_order() -> None:
    assert permutation(7, 8).tolist() == [1, 5, 7, 0, 4, 6, 3, 2]
    assert permutation(7, 16).tolist() == [1, 10, 8, 5, 7, 0, 9, 4, 6, 15, 3, 14, 13, 2, 12, 11]
