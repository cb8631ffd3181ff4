import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beam_jobs.quality.counters import NGRAM_COLUMNS
from beam_jobs.quality.repetition_kernel import count_ngrams, repeated_items, slots_for
from beam_jobs.quality.stop_words import word_hash
from tests.beam_jobs.quality.oracle import repeated_ngrams, repeats, top_ngram

ITEMS = st.lists(st.sampled_from(["a", "bb", "ccc", "d", "e"]), max_size=120)


def hashed(items: list[str]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([word_hash(item) for item in items], np.uint64), np.array(list(map(len, items)), np.int32)


@given(ITEMS)
def test_repeated_items_are_those_that_stood_before(items: list[str]) -> None:
    table = np.full(slots_for(len(items)), 7, np.uint64)
    found = repeated_items(*hashed(items), len(items), table)
    assert tuple(found) == repeats(items, list(map(len, items)))


@given(ITEMS)
@example(["a"] * 30)
@example(["a", "bb", "a", "bb", "a", "a", "ccc", "d", "ccc", "d"])
@settings(deadline=None)
def test_ngrams_are_those_of_the_oracle(words: list[str]) -> None:
    count, slots = len(words), slots_for(len(words))
    columns = np.full(NGRAM_COLUMNS, -5, np.int64)
    room = [np.full(count + 1, 7, kind) for kind in (np.int32, np.uint64, np.int64, np.int32)]
    tables = [np.full(slots, 7, kind) for kind in (np.uint64, np.int32, np.int32)]
    count_ngrams(*hashed(words), count, *room, *tables, columns)
    tops = [top_ngram(words, size) for size in (2, 3, 4)]
    assert columns.tolist() == tops + [repeated_ngrams(words, size) for size in range(5, 11)]


def test_a_table_is_never_more_than_two_thirds_full() -> None:
    for items in (0, 1, 42, 43, 1000, 10**6):
        slots = slots_for(items)
        assert 3 * items <= 2 * slots
        assert slots & (slots - 1) == 0
