import unicodedata

import pytest

from beam_jobs.quality import character_classes as classes
from beam_jobs.text.stops import ALL_STOPS


@pytest.mark.parametrize("flag_and_category", [(classes.LETTER, "L"), (classes.DIGIT, "N"), (classes.MARK, "M")])
def test_letters_digits_and_marks_are_those_of_unicode(flag_and_category: tuple[int, str]) -> None:
    flag, category = flag_and_category
    table = classes.character_classes()
    assert all(bool(table[code] & flag) == (unicodedata.category(chr(code))[0] == category) for code in range(0x30000))


def test_spaces_are_those_at_which_python_splits() -> None:
    table = classes.character_classes()
    assert [code for code in range(0x110000) if table[code] & classes.SPACE] == [
        code for code in range(0x110000) if chr(code).isspace()
    ]


def test_only_letters_digits_and_marks_are_words_of_their_own() -> None:
    table = classes.character_classes()
    lone = classes.LONE
    assert [bool(table[ord(character)] & lone) for character in "語ไか。、aå1"] == [True] * 3 + [False] * 5


def test_stops_quotes_bullets_and_first_letters_of_phrases() -> None:
    table = classes.character_classes()
    assert all(table[ord(stop)] & classes.STOP for stop in ALL_STOPS)
    assert all(table[ord(quote)] & classes.QUOTE for quote in "\"'»”")
    assert all(table[ord(letter)] & classes.PHRASE for letter in "jJlLuU")
    assert not any(table[ord(letter)] & classes.PHRASE for letter in "aAå")
    assert [character for character in "•-–*" if table[ord(character)] & classes.BULLET] == ["•", "-"]


def test_the_table_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        classes.character_classes()[0] = 1
