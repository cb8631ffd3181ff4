import pytest

from beam_jobs.duplicates.folded_characters import ALONE, folded_characters


@pytest.mark.parametrize(
    ("character", "folded"),
    [("a", "a"), ("Å", "å"), ("7", "7"), ("\u0301", "\u0301"), ("Σ", "σ"), ("ς", "σ"), ("İ", "i"), ("ẞ", "ß")],
)
def test_letters_digits_and_marks_in_lower_case(character: str, folded: str) -> None:
    assert folded_characters()[ord(character)] == ord(folded)


@pytest.mark.parametrize("character", [" ", "\n", ".", "-", "«", "€", "\u200d", "\ufffd", "\ue000", "。"])
def test_all_else_separates_words(character: str) -> None:
    assert folded_characters()[ord(character)] == 0


@pytest.mark.parametrize("character", ["語", "カ", "ไ", "ລ", "ក", "မ", "\U00020000"])
def test_a_character_of_a_script_without_spaces_is_a_word(character: str) -> None:
    assert folded_characters()[ord(character)] == ALONE | ord(character)


def test_hangul_writes_spaces() -> None:
    assert folded_characters()[ord("한")] == ord("한")


def test_the_table_is_shared_so_nobody_may_write_to_it() -> None:
    assert folded_characters() is folded_characters()
    assert not folded_characters().flags.writeable
