import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

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
