"""The loops of byte-pair learning one by one; `test_merge_pairs.py` compares them as a whole with counting anew."""

import numpy as np

from vocab.learning.merge_kernel import count_pairs, enter_pairs, link_words, merge_pair
from vocab.learning.pair_rows import COUNT, KEY, empty_rows, row_of

A, B, C, NEW = 1, 2, 3, 9


def key_of(left, right):
    return left << 32 | right


def entered(words, capacity=64):
    symbols = np.array([symbol for word in words for symbol in word], np.int32)
    positions = link_words(symbols, np.cumsum([len(word) for word in words]), np.arange(len(words)))
    weights = np.array([10 ** (i % 9) for i in range(len(words))])
    rows, state, entries = empty_rows(capacity), np.zeros(3, np.int64), np.empty(len(symbols), np.int32)
    stopped = count_pairs(positions, weights, 0, rows, rows.view(np.int32), state)
    enter_pairs(positions, rows, rows.view(np.int32), entries, state)
    return positions, weights, rows, entries, state, stopped


def test_counting_stops_where_the_table_is_full():
    words = [[i, i + 1] for i in range(0, 40, 2)]
    *_, rows, _, state, stopped = entered(words, capacity=16)
    assert (int(state[1]), stopped) == (12, 24)
    assert np.count_nonzero(rows[:, KEY] >= 0) == 12
    assert entered(words)[-1] == 40


def test_a_merge_tells_each_pair_that_became_more_frequent_once_with_its_count():
    positions, weights, rows, entries, state, _ = entered([[A, B, C], [C, A, B, C], [A, B], [A, C]])
    pair = row_of(rows, key_of(A, B))
    keys, counts, entries = merge_pair(positions, weights, pair, A, B, NEW, rows, rows.view(np.int32), entries, state)
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True)) == {key_of(NEW, C): 11, key_of(C, NEW): 10}
    left = {(key >> 32, key & 0xFF): count for key, count in rows[rows[:, KEY] >= 0][:, [KEY, COUNT]].tolist() if count}
    assert left == {(NEW, C): 11, (C, NEW): 10, (A, C): 1000}


def test_when_the_entries_are_full_those_of_changed_positions_are_left_out():
    positions, weights, rows, entries, state, _ = entered([[A, B, C], [C, A, B, C]])
    assert len(entries) == 7
    for left, right, symbol in ((A, B, 8), (C, 8, 9), (9, C, 10), (8, C, 11)):
        row = row_of(rows, key_of(left, right))
        *_, entries = merge_pair(
            positions, weights, row, left, right, symbol, rows, rows.view(np.int32), entries, state
        )
        assert state[0] <= len(entries)
    assert not rows[rows[:, KEY] >= 0][:, COUNT].any()
