import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocab.learning.merge_kernel import MAX_LENGTH, MAX_SYMBOL
from vocab.learning.merge_pairs import PairTable, pair_key, split_key


def table_of(words):
    symbols = np.array([symbol for word, _ in words for symbol in word], np.int32)
    ends = np.cumsum([len(word) for word, _ in words])
    return PairTable(symbols, ends, np.array([count for _, count in words], np.int64))


def count_pairs(words):
    """Counted anew, word by word."""
    counts = {}
    for word, count in words:
        for pair in itertools.pairwise(word):
            counts[pair] = counts.get(pair, 0) + count
    return counts


def merged(words, pair, symbol):
    result = []
    for word, count in words:
        new, i = [], 0
        while i < len(word):
            if tuple(word[i : i + 2]) == pair:
                new.append(symbol)
                i += 2
            else:
                new.append(word[i])
                i += 1
        result.append((new, count))
    return result


def as_dict(table):
    keys, counts = table.pairs()
    return dict(zip(map(split_key, keys.tolist()), counts.tolist(), strict=True))


def test_keys_sort_as_pairs():
    pairs = [(0, 0), (0, 2**31 - 1), (1, 0), (2**31 - 1, 5)]
    assert sorted(pairs) == [split_key(key) for key in sorted(pair_key(*pair) for pair in pairs)]


def test_runs_merge_from_the_left():
    table = table_of([([7, 7, 7], 1), ([7, 7, 7, 7], 10)])
    assert table.count(pair_key(7, 7)) == 32
    keys, counts = table.merge(pair_key(7, 7), 9)
    assert dict(zip(map(split_key, keys.tolist()), counts.tolist(), strict=True)) == {(9, 7): 1, (9, 9): 10}
    assert as_dict(table) == {(9, 7): 1, (9, 9): 10}


WORDS = st.lists(
    st.tuples(st.lists(st.integers(0, 1), min_size=1, max_size=20), st.integers(1, 5)), min_size=1, max_size=8
)


@settings(max_examples=150, deadline=None)
@given(WORDS, st.randoms(use_true_random=False))
def test_counts_stay_those_of_counting_anew(words, random):
    """As in learning, two pairs that spell the same become the same symbol."""
    table = table_of(words)
    spelling = {symbol: (symbol,) for symbol in range(4)}
    symbols = {spelt: symbol for symbol, spelt in spelling.items()}
    while counts := count_pairs(words):
        assert as_dict(table) == counts
        pair = random.choice(sorted(counts))
        spelt = spelling[pair[0]] + spelling[pair[1]]
        symbol = symbols.setdefault(spelt, len(symbols))
        spelling[symbol] = spelt
        keys, raised = table.merge(pair_key(*pair), symbol)
        words = merged(words, pair, symbol)
        after = count_pairs(words)
        told = dict(zip(map(split_key, keys.tolist()), raised.tolist(), strict=True))
        assert {p: c for p, c in after.items() if c > counts.get(p, 0)}.items() <= told.items()
        assert all(after.get(p, 0) == c for p, c in told.items())


def test_growing_past_the_first_table():
    """Far more distinct pairs than the table has room for at first, entered and made by merging."""
    rng = np.random.default_rng(5)
    words = [
        ([*rng.integers(0, 3000, 6).tolist(), 3000, 3001, *rng.integers(0, 3000, 6).tolist()], 1) for _ in range(3000)
    ]
    table = table_of(words)
    assert as_dict(table) == count_pairs(words)
    table.merge(pair_key(3000, 3001), 3002)
    assert as_dict(table) == count_pairs(merged(words, (3000, 3001), 3002))


def test_memory_of_positions_and_pairs_that_are_gone_is_used_again():
    """As many merges as there can be: the tables must not grow with their number."""
    rng = np.random.default_rng(3)
    words = [(rng.integers(0, 8, 12).tolist(), int(rng.integers(1, 1 << 14))) for _ in range(400)]
    table = table_of(words)
    entries, rows = len(table._entries), len(table._rows)
    symbol = 8
    while counts := count_pairs(words):
        pair = max(sorted(counts), key=counts.__getitem__)
        assert table.count(pair_key(*pair)) == counts[pair]
        table.merge(pair_key(*pair), symbol)
        words = merged(words, pair, symbol)
        symbol += 1
        if symbol % 50 == 0:
            assert as_dict(table) == count_pairs(words)
    assert symbol > 1000
    assert (len(table._entries) <= 2 * entries, len(table._rows)) == (True, rows)


def test_what_does_not_fit_is_refused():
    longest = [3] * MAX_LENGTH
    assert table_of([(longest, 2), ([MAX_SYMBOL, 1], 1)]).count(pair_key(3, 3)) == 2 * (MAX_LENGTH - 1)
    for word in ([*longest, 3], [MAX_SYMBOL + 1, 1]):
        with pytest.raises(ValueError, match="too large"):
            table_of([([1, 2], 1), (word, 1)])
