import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vocab.learning.merge_pairs import PairTable
from vocab.learning.pair_queue import PairQueue

PAIRS = st.lists(st.tuples(st.tuples(st.integers(0, 6), st.integers(0, 6)), st.integers(1, 9)), max_size=40)


def table_of(pairs):
    symbols = np.array([symbol for pair, _ in pairs for symbol in pair], np.int32)
    return PairTable(symbols, np.arange(2, 2 * len(pairs) + 2, 2), np.array([count for _, count in pairs], np.int64))


def taken_out(queue, table):
    keys = []
    while (key := queue.pop(table.rows)) >= 0:
        keys.append(key)
    return keys


@settings(max_examples=100, deadline=None)
@given(PAIRS, st.integers(1, 5))
def test_frequent_pairs_come_first_and_of_equals_the_lower_key(pairs, least):
    table = table_of(pairs)
    counts = dict(zip(*(array.tolist() for array in table.pairs()), strict=True))
    queue = PairQueue(least)
    queue.push(*table.pairs())
    wanted = sorted((key for key in counts if counts[key] >= least), key=lambda key: (-counts[key], key))
    assert taken_out(queue, table) == wanted


@settings(max_examples=100, deadline=None)
@given(PAIRS, st.integers(0, 8))
def test_pairs_go_by_the_counts_that_they_have_now(pairs, higher):
    table = table_of(pairs)
    keys, counts = table.pairs()
    queue = PairQueue(2)
    queue.push(keys, counts + higher)  # they have fallen since
    now = dict(zip(keys.tolist(), counts.tolist(), strict=True))
    wanted = sorted((key for key in now if now[key] >= 2), key=lambda key: (-now[key], key))
    assert taken_out(queue, table) == wanted


def test_the_least_frequency_may_be_larger_than_any_count():
    table = table_of([((1, 2), 3)])
    queue = PairQueue(2**63)
    queue.push(*table.pairs())
    assert taken_out(queue, table) == []


def test_it_grows():
    pairs = [((i // 100, i % 100), 1 + (i * 7) % 5) for i in range(5000)]
    table = table_of(pairs)
    keys, counts = table.pairs()
    queue = PairQueue(1)
    for start in range(0, len(keys), 300):
        queue.push(keys[start : start + 300], counts[start : start + 300])
    order = sorted(zip((-counts).tolist(), keys.tolist(), strict=True))
    assert taken_out(queue, table) == [key for _, key in order]
