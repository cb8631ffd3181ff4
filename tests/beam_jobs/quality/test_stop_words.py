import numpy as np
import pytest

from beam_jobs.quality.count_documents import count_documents
from beam_jobs.quality.counters import COLUMN
from beam_jobs.quality.stop_words import NO_STOP_WORDS, SLOTS, STOP_WORDS, stop_word_row, stop_word_tables, word_hash


def stop_words_in(text: str, language: str) -> int:
    return int(count_documents([text], [language])[0, COLUMN["stop_words"]])


@pytest.mark.parametrize("language", STOP_WORDS)
def test_every_word_of_a_language_is_found_once_in_both_spellings(language: str) -> None:
    words = STOP_WORDS[language].split()
    assert len(set(words)) == len(words) <= 64
    spelled = " ".join([*words, *map(str.capitalize, words)])
    assert stop_words_in(spelled, language) == len(words)


def test_a_row_is_found_by_code_and_name() -> None:
    assert (
        stop_word_row("nb") == stop_word_row("nob") == stop_word_row("no") == stop_word_row("Bokmål") != NO_STOP_WORDS
    )
    assert stop_word_row("nn") != stop_word_row("nb")
    assert stop_word_row("ko") == stop_word_row("") == stop_word_row("xx") == NO_STOP_WORDS


def test_a_language_without_a_list_has_minus_one() -> None:
    assert stop_words_in("og i det", "ko") == -1
    assert stop_words_in("그리고", "nb") == 0


def test_words_of_another_language_and_parts_of_words_do_not_count() -> None:
    assert stop_words_in("the ogog OG og,", "nb") == 0


def test_the_tables_have_no_collision_and_cannot_be_written_to() -> None:
    hashes, numbers, shifts = stop_word_tables()
    assert hashes.shape == numbers.shape == (len(STOP_WORDS) + 1, SLOTS)
    assert not hashes[NO_STOP_WORDS].any()
    for row, words in enumerate(STOP_WORDS.values(), start=1):
        slot = (word_hash(words.split()[3]) >> int(shifts[row])) % SLOTS
        assert (hashes[row, slot], numbers[row, slot]) == (np.uint64(word_hash(words.split()[3])), 3)
        assert np.count_nonzero(hashes[row]) == len(
            {spelling for word in words.split() for spelling in (word, word.capitalize())}
        )
    with pytest.raises(ValueError, match="read-only"):
        hashes[0, 0] = 1
