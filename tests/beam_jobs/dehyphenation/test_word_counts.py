import numpy as np
import pytest

from beam_jobs.dehyphenation.word_counts import WordCounter, counts_from_bytes


def counts_of(*texts, **options):
    counter = WordCounter(**options)
    for text in texts:
        counter.add(text)
    return counter.finish()


def test_words_that_were_counted_twice():
    words = counts_of("en to to tre", "Tre TRE fire", "")
    assert words.total == 7
    assert words.of(["en", "to", "tre", "fire", "fem"]).tolist() == [0, 2, 3, 0, 0]
    assert words.of([]).tolist() == []
    assert counts_of().of(["en"]).tolist() == [0]


def test_counts_travel_as_bytes():
    words = counts_of("en to to tre tre tre")
    again = counts_from_bytes(words.to_bytes())
    assert again.total == words.total
    assert np.array_equal(again.keys, words.keys)
    assert again.of(["tre"]).tolist() == [3]
    with pytest.raises(ValueError, match="not a file of word counts"):
        counts_from_bytes(b"other")


def test_the_table_grows_and_forgets_the_rarest_words_when_it_is_full():
    common = "alltid " * 5
    rare = [" ".join(f"{a}{b}{c}x{d}" for a in "abcdefgh" for b in "ijklmnop" for c in "qrstuvwy") for d in "æøåéöü"]
    rare = [text.replace("x", "xyz") for text in rare]
    texts = [common, *rare, common]
    large, small = counts_of(*texts), counts_of(*texts, largest=1 << 16)
    assert large.of(["alltid"]).tolist() == [10]
    assert small.of(["alltid"]).tolist() == [10]
    assert large.total == small.total


def test_dropped_words_follow_from_the_texts_alone():
    texts = [
        " ".join(f"{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676 % 26)}" for i in range(n, n + 20_000))
        for n in (0, 9000, 4000)
    ]
    first, second = counts_of(*texts, largest=1 << 16), counts_of(*texts, largest=1 << 16)
    assert first.to_bytes() == second.to_bytes()
