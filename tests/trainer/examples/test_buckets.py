import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.examples.buckets import MOST, bucket_of, choose_buckets


def padded(lengths, buckets):
    return sum(min(bucket for bucket in buckets if bucket >= length) for length in lengths)


def test_few_lengths_that_fit_the_data():
    assert choose_buckets([5] * 90 + [30] * 10, 128) == (8, 32)
    assert choose_buckets([100] * 5, 128) == (104,)
    assert choose_buckets([126] * 5, 127) == (127,)
    assert choose_buckets([], 128) == (128,)
    assert len(choose_buckets(np.arange(1, 513), 512)) == MOST


def test_a_length_that_saves_next_to_nothing_is_left_out():
    assert choose_buckets([60] * 1000 + [56], 128) == (64,)


@given(st.lists(st.integers(1, 62), min_size=1, max_size=30), st.integers(1, 3))
def test_no_other_choice_pads_much_less(lengths, most):
    found = choose_buckets(lengths, 62, most)
    assert list(found) == sorted(set(found))
    assert len(found) <= most
    assert max(lengths) <= found[-1] <= 62
    known = [8, 16, 24, 32, 40, 48, 56, 62]
    choices = [choice for size in range(1, most + 1) for choice in itertools.combinations(known, size)]
    best = min(padded(lengths, choice) for choice in choices if choice[-1] >= max(lengths))
    assert best <= padded(lengths, found) <= 1.02 * best
    assert choose_buckets(lengths[::-1], 62, most) == found


def test_a_row_takes_the_first_bucket_that_fits():
    assert bucket_of(np.array([1, 8, 9, 16]), (8, 16)).tolist() == [0, 0, 1, 1]
    with pytest.raises(ValueError, match="17 pieces is longer"):
        bucket_of(np.array([17]), (8, 16))
