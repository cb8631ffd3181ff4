"""All counters against plain Python, and that a row depends on its document alone."""

import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beam_jobs.quality.count_documents import count_documents, count_utf8
from beam_jobs.quality.counters import COLUMN, COUNTERS, FIRST_NGRAM_COLUMN, NGRAM_COLUMNS
from beam_jobs.quality.stop_words import STOP_WORDS, stop_word_row
from tests.beam_jobs.quality.oracle import counters
from tests.beam_jobs.quality.random_documents import ODD, random_document

LANGUAGES = ["", "ko", *STOP_WORDS]
ANY_TEXT = st.text(st.one_of(st.characters(codec=None), st.sampled_from(ODD + "ab  \n\n..")), max_size=80)


def named(row: np.ndarray) -> dict[str, int]:
    return dict(zip(COUNTERS, row.tolist(), strict=True))


@given(st.lists(st.tuples(ANY_TEXT, st.sampled_from(LANGUAGES)), max_size=4))
@example([("", "nb"), ("\n \n", "nb"), ("a", "nb"), ("Use cookies use of cookies. reuse cookies.", "en")])
@example([("a b c d e f g h i j k l a b c d e f g h i j k l", ""), ("b a b a b b b", ""), ("a b c a b c b c", "")])
@example([("......\n...", ""), (". ..\n….", ""), ('Ja, det er "bra."\nHei på deg…', "nb"), ("語語 語。a語", "ja")])
@settings(max_examples=200, deadline=None)
def test_counters_are_those_of_the_oracle(documents: list[tuple[str, str]]) -> None:
    rows = count_documents([text for text, _ in documents], [language for _, language in documents])
    assert [named(row) for row in rows] == [counters(text, language) for text, language in documents]


def test_counters_of_random_documents_are_those_of_the_oracle() -> None:
    draws = random.Random(11)
    texts = [random_document(draws) for _ in range(10_000)]
    languages = [draws.choice(LANGUAGES) for _ in texts]
    rows = count_documents(texts, languages)
    differ = [
        (text, language)
        for text, language, row in zip(texts, languages, rows, strict=True)
        if named(row) != counters(text, language)
    ]
    assert differ == []
    unused = {"confidence"}
    assert {name for name, column in COLUMN.items() if not (rows[:, column] > 0).any()} == unused


@given(st.binary(max_size=80))
@example(b"a\xc3b \xe8\xaa c\xff\xff")
@settings(max_examples=200, deadline=None)
def test_invalid_bytes_are_replacement_characters(data: bytes) -> None:
    rows = count_utf8(np.frombuffer(data, np.uint8), np.array([len(data)]), np.array([stop_word_row("nb")]))
    assert named(rows[0]) == counters(data.decode("utf-8", "replace"), "nb")


def test_a_row_does_not_depend_on_the_documents_beside_it() -> None:
    draws = random.Random(3)
    texts = [random_document(draws) for _ in range(50)]
    together = count_documents(texts, ["nb"] * 50)
    assert (together == np.concatenate([count_documents([text], ["nb"]) for text in texts])).all()
    assert (together[::-1] == count_documents(texts[::-1], ["nb"] * 50)).all()


def test_without_ngrams_their_columns_are_minus_one() -> None:
    text = "a b a b a b a b a b a b a b\na b"
    with_ngrams, without = (count_documents([text], ["nb"], ngrams=ngrams)[0] for ngrams in (True, False))
    ngrams = slice(FIRST_NGRAM_COLUMN, FIRST_NGRAM_COLUMN + NGRAM_COLUMNS)
    assert (with_ngrams[ngrams] > 0).all()
    assert (without[ngrams] == -1).all()
    assert (np.delete(with_ngrams, ngrams) == np.delete(without, ngrams)).all()


def test_confidences_are_kept_in_millionths() -> None:
    rows = count_documents(["a", "b", "c"], [""] * 3, [0.8999996, None, 0.0])
    assert rows[:, COLUMN["confidence"]].tolist() == [900_000, -1, 0]


def test_there_is_a_language_for_each_text() -> None:
    with pytest.raises(ValueError, match="1 languages for 2 texts"):
        count_documents(["a", "b"], ["nb"])


def test_no_documents() -> None:
    assert count_documents([], []).shape == (0, len(COUNTERS))
