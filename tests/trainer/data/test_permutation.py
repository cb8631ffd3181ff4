import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.records.counter_random import draw, path_key
from trainer.data.permutation import permutation


@given(key=st.integers(0, 2**64 - 1), size=st.integers(0, 40))
def test_the_order_is_that_of_the_draws(key, size):
    draws = [int(draw(np.uint64(key), place)) for place in range(size)]
    assert permutation(key, size).tolist() == sorted(range(size), key=draws.__getitem__)


def test_two_draws_that_differ_in_their_lowest_bits():
    """Are ordered by all their bits: the order of the corpus jobs differs here, and neither may change."""
    assert permutation(path_key(20), 1 << 20)[881941:881943].tolist() == [647036, 499609]
