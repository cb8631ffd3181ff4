import pytest

from vocab.coverage import Coverage, measure_coverage

PIECES = ["[UNK]", "hus", "##et", "b", "##å", "unused"]


def test_words_are_weighed_by_how_often_they_occur():
    found = measure_coverage(PIECES, {"hus": 3, "huset": 2, "bå": 1, "xyz": 4})
    assert (found.words, found.pieces, found.unknown) == (10, 3 + 2 * 2 + 2 + 4, 4)
    assert found.unknown_words == {"xyz": 4}
    assert found.used == {"hus", "##et", "b", "##å", "[UNK]"}
    assert (found.pieces_per_word, found.unknown_rate) == (1.3, 0.4)


def test_a_word_of_more_than_two_hundred_characters_is_unknown():
    pieces = ["[UNK]", "a", "##a"]
    assert measure_coverage(pieces, {"a" * 200: 1}).unknown == 0
    assert measure_coverage(pieces, {"a" * 201: 1}).unknown == 1


def test_nothing_to_measure():
    found = measure_coverage(PIECES, {})
    assert found == Coverage()
    assert (found.pieces_per_word, found.unknown_rate) == (pytest.approx(0), 0)
