"""Tables of n-grams: what is in them, whose they are, and that they survive as bytes."""

import numpy as np
import pytest

from beam_jobs.held_out.ngram_table import NgramTable, ngram_table, table_from_bytes

TWELVE = "one two three four five six seven eight nine ten eleven twelve"
THIRTEEN = TWELVE + " thirteen"


def same(one: NgramTable, other: NgramTable) -> bool:
    return one.to_bytes() == other.to_bytes()


def test_a_text_of_thirteen_words_or_more_has_an_ngram_at_each_word() -> None:
    assert len(ngram_table([("a", [THIRTEEN])]).ngrams) == 1
    assert len(ngram_table([("a", [THIRTEEN + " fourteen fifteen"])]).ngrams) == 3


def test_a_text_of_eight_words_or_more_is_one_ngram_and_a_shorter_one_is_counted() -> None:
    eight, seven = " ".join(TWELVE.split()[:8]), " ".join(TWELVE.split()[:7])
    table = ngram_table([("a", [TWELVE, eight, seven, "yes", "", " . "])])
    assert len(table.ngrams) == 2
    assert table.lengths.tolist() == [8, 12, 13]
    assert (table.texts, table.too_short) == ((4,), (2,))


def test_an_ngram_of_two_files_belongs_to_the_first() -> None:
    table = ngram_table([("a", [THIRTEEN]), ("b", [THIRTEEN + " fourteen"]), ("c", [])])
    assert sorted(table.owners.tolist()) == [0, 1]
    assert table.files == ("a", "b", "c")
    assert table.texts == (1, 1, 0)


def test_ngrams_are_sorted_and_unique_whatever_the_order_of_the_texts() -> None:
    texts = [f"{THIRTEEN} number {i} of many texts" for i in range(50)]
    table = ngram_table([("a", texts)])
    assert (np.diff(table.ngrams.astype(object)) > 0).all()
    assert same(table, ngram_table([("a", texts[::-1] + texts)])) is False  # counts of texts differ
    assert np.array_equal(table.ngrams, ngram_table([("a", texts[::-1] + texts)]).ngrams)


def test_batches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{THIRTEEN} number {i} of many texts" for i in range(50)] + [TWELVE]
    whole = ngram_table([("a", texts)])
    monkeypatch.setattr("beam_jobs.held_out.ngram_table._BATCH_CHARACTERS", 100)
    assert same(whole, ngram_table([("a", iter(texts))]))


@pytest.mark.parametrize("texts", [[], [THIRTEEN], [THIRTEEN, TWELVE, "a b"]])
def test_bytes_and_back(texts: list[str]) -> None:
    table = ngram_table([("æ.jsonl", texts)])
    again = table_from_bytes(table.to_bytes())
    assert same(table, again)
    assert again.files == ("æ.jsonl",)
    assert np.array_equal(table.bitmap, again.bitmap)
    assert np.array_equal(table.begins, again.begins)


def test_the_bitmap_has_the_bit_of_each_ngram_and_begins_its_bucket() -> None:
    table = ngram_table([("a", [" ".join(f"w{i}" for i in range(5000))])])
    for place, ngram in enumerate(table.ngrams.tolist()):
        bit = ngram >> int(table.shift)
        assert int(table.bitmap[bit // 64]) >> (bit % 64) & 1
        bucket = ngram * len(table.begins) >> 64
        assert table.begins[bucket] <= place
        assert bucket + 1 == len(table.begins) or place < table.begins[bucket + 1]


@pytest.mark.parametrize("words", [0, 64])
def test_impossible_lengths_are_refused(words: int) -> None:
    with pytest.raises(ValueError, match=f"words is {words}, not from 1 to 63"):
        ngram_table([], words)
