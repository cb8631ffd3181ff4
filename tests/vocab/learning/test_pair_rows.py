import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vocab.learning.pair_rows import COUNT, EMPTY, KEY, empty_rows, has_room, move_rows, row_of

KEYS = st.lists(st.integers(0, 2**56 - 1) | st.integers(0, 99), max_size=48, unique=True)


def filled(keys, capacity):
    rows = empty_rows(capacity)
    for i, key in enumerate(keys):
        row = row_of(rows, key)
        assert rows[row, KEY] == EMPTY
        rows[row] = (key, i % 5, i, -i)
    return rows


@given(KEYS)
def test_a_pair_is_found_and_another_one_gets_an_empty_row(keys):
    rows = filled(keys, 64)
    assert [rows[row_of(rows, key), 2] for key in keys] == [*range(len(keys))]
    assert rows[row_of(rows, 2**57), KEY] == EMPTY


@given(KEYS)
def test_pairs_that_no_longer_occur_do_not_move(keys):
    old, new = filled(keys, 64), empty_rows(128)
    kept = [i for i in range(len(keys)) if i % 5]
    assert move_rows(old, new) == len(kept) == np.count_nonzero(new[:, KEY] != EMPTY)
    assert [new[row_of(new, keys[i])].tolist() for i in kept] == [[keys[i], i % 5, i, -i] for i in kept]
    assert (new[new[:, KEY] == EMPTY, COUNT] == 0).all()


def test_a_quarter_stays_empty():
    assert has_room(empty_rows(16), 12)
    assert not has_room(empty_rows(16), 13)
