import zlib
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.tokenizer.word_table import WordTable

WORDS = st.lists(
    st.tuples(st.binary(min_size=1, max_size=40).map(lambda b: b.replace(b"\n", b"-")), st.integers(1, 2**40))
)


def table_of(rows):
    table = WordTable()
    table.add(b"".join(word + b"\n" for word, _ in rows), np.array([count for _, count in rows], np.int64))
    return table


def contents(table):
    slots = table.slots()
    text, starts = table.text(slots)
    words = [text[start : end - 1].tobytes() for start, end in pairwise(starts)]
    assert len(set(words)) == len(words) == table.distinct
    return dict(zip(words, table.counts(slots).tolist(), strict=True))


@settings(deadline=None)
@given(WORDS)
def test_counts_are_sums(rows):
    expected = {}
    for word, count in rows:
        expected[word] = expected.get(word, 0) + count
    table = table_of(rows)
    assert contents(table) == expected
    assert table.longest == max(map(len, expected), default=0)
    table.clear()
    assert (contents(table), table.distinct) == ({}, 0)


@settings(deadline=None)
@given(WORDS)
def test_hashes_are_those_of_zlib(rows):
    table = table_of(rows)
    assert table.hashes(table.slots()).tolist() == [zlib.crc32(word) for word in contents(table)]


def test_it_grows_for_words_of_every_length_and_the_order_is_that_of_the_additions():
    rows = [(b"%d" % i * (1 + i % 9), i + 1) for i in range(20_000)]
    table = table_of(rows)
    expected = {}
    for word, count in rows:
        expected[word] = expected.get(word, 0) + count
    assert contents(table) == expected
    assert [*contents(table_of(rows))] == [*contents(table)]
    assert table.memory > 32 * len(expected)


def test_no_entry_lies_in_two_cache_lines():
    table = WordTable()
    for _ in range(3):
        assert table.arrays.entries.ctypes.data % 64 == 0
        full = np.arange(len(table.arrays.entries))
        table.add(b"".join(b"%d\n" % i for i in full), full + 1)
