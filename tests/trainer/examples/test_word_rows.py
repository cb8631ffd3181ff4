from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from trainer.examples.example import Place, WordsExample
from trainer.examples.windows import WindowSettings
from trainer.examples.word_rows import encode_words, word_remarks


def example(*words):
    return WordsExample("1", words, None, Place("a", 1))


def first_letters(letters, row):
    return [letters.pieces[row.ids[place]] for place in row.first_pieces]


def test_words_are_predicted_at_their_first_pieces(letters, cased):
    (row,) = encode_words([example("Ola", "x.", "[SEP]")], cased, WindowSettings(16, 4, 0))
    assert first_letters(letters, row) == ["O", "x", "["]
    assert row.words.tolist() == [0, 1, 2]
    assert [letters.pieces[i] for i in row.ids] == [
        "[CLS]",
        "O",
        "##l",
        "##a",
        "x",
        ".",
        "[",
        *("S", "##E", "##P"),
        "]",
        "[SEP]",
    ]


def test_words_without_pieces_are_in_no_window_and_counted(letters, uncased):
    examples = [example("a", "\u200b", "\u00ad", "\ufffd", "b\u0301"), example("\u200b")]
    rows = encode_words(examples, uncased, WindowSettings(16, 4, 0))
    assert [(row.example, row.words.tolist()) for row in rows] == [(0, [0, 4])]
    assert word_remarks(examples, rows)[0].startswith("4 of 6 words have no piece")


def test_a_long_sentence_has_several_windows(letters, cased):
    examples = [example(*"abcdefghij")]
    rows = encode_words(examples, cased, WindowSettings(8, 2, 0))
    assert [row.words.tolist() for row in rows] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert [first_letters(letters, row) for row in rows] == [list("abcde"), list("fghij")]
    assert word_remarks(examples, rows) == ("1 sentences lie in 2 windows, because some are too long for one",)
    with pytest.raises(UserError, match="--window_overlap"):
        encode_words(examples, cased, WindowSettings(8, 6, 0))


WORDS = st.lists(
    st.text("aB.é\u0301\u200b\u00ad 東", min_size=1, max_size=9).filter(str.strip), min_size=1, max_size=30
)


@given(st.lists(WORDS, max_size=3), st.integers(3, 12), st.data())
def test_every_word_is_predicted_exactly_once_or_has_no_piece(cased, sentences, length, data):
    settings = WindowSettings(length, data.draw(st.integers(0, length - 3)), 0)
    examples = [example(*words) for words in sentences]
    rows = encode_words(examples, cased, settings)
    found = Counter((row.example, int(word)) for row in rows for word in row.words)
    assert set(found.values()) <= {1}
    for number, words in enumerate(sentences):
        alone = cased.encode(words)
        assert {word for of, word in found if of == number} == {i for i, pieces in enumerate(alone) if len(pieces)}
        for row in rows:
            if row.example == number:
                expected = [alone[word].ids[0] for word in row.words]
                assert row.ids[row.first_pieces].tolist() == expected
                assert len(row.ids) <= length
