"""Sentence stops of all scripts, with Unicode's properties as the `regex` package knows them for an oracle."""

import pytest
import regex

from beam_jobs.text.segment import segment
from beam_jobs.text.stops import ALL_STOPS, SHADS, SPACED_STOPS, STOPS, WIDE_STOPS, may_hold_rare_stops

CHARACTERS = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
TERMINAL = regex.findall(r"\p{Sentence_Terminal}", CHARACTERS)
WITHOUT_SPACES = ["Khmer", "Myanmar", "Tai_Tham", "Ahom", "Balinese", "Javanese", "Kawi", "Makasar", "Cham", "Brahmi"]
WITHOUT_SPACES += ["Tulu_Tigalari", "Dives_Akuru"]
MYANMAR_COMMA = "\u104a"


def test_every_sentence_terminal_is_a_stop_and_little_else():
    assert set(TERMINAL) <= set(ALL_STOPS)
    assert set(ALL_STOPS) - set(TERMINAL) == set("…‥") | set(SHADS)
    assert len(ALL_STOPS) == len(set(ALL_STOPS))


@pytest.mark.parametrize("language", ["", "nb", "en", "el", "ko", "tr", "zh"])
def test_every_sentence_terminal_ends_a_sentence(language):
    for stop in TERMINAL:
        assert segment(f"Abcdefg{stop} Bcd ef", language) == [f"Abcdefg{stop}", "Bcd ef"], f"U+{ord(stop):04X}"
        assert segment(f"字字字{stop} 字", language) == [f"字字字{stop}", "字"], f"U+{ord(stop):04X}"


def test_stops_of_one_meaning_end_a_sentence_before_small_letters_and_behind_closing_marks():
    for stop in SPACED_STOPS + WIDE_STOPS:
        assert segment(f"字字字{stop} iPhone", "") == [f"字字字{stop}", "iPhone"], f"U+{ord(stop):04X}"
        assert segment(f"«字{stop}» iphone", "") == [f"«字{stop}»", "iphone"], f"U+{ord(stop):04X}"


def test_a_stop_needs_no_space_in_scripts_that_have_none_between_words_and_no_others():
    """UAX 14: lines of such scripts may break between syllables or need a dictionary (AK, AS, SA)."""
    for script in WITHOUT_SPACES:
        letter = rf"[\p{{Script={script}}}&&\p{{Lo}}&&[\p{{LB=SA}}\p{{LB=AK}}\p{{LB=AS}}]]"
        assert regex.search(letter, CHARACTERS, regex.V1), script
    without_spaces = regex.compile("|".join(rf"\p{{Script={script}}}" for script in WITHOUT_SPACES))
    for stop in TERMINAL:
        wide = bool(without_spaces.match(stop)) or bool(regex.match(r"[\p{EA=F}\p{EA=W}\p{EA=H}]", stop))
        sentences = segment(f"Abc{stop}Bcd ef", "")
        assert len(sentences) == 1 + (wide and stop != MYANMAR_COMMA), f"U+{ord(stop):04X}"


@pytest.mark.parametrize(
    "sentences",
    [
        ["Ողջույն։", "Ինչպե՞ս ես։", "«Լավ եմ։»", "Շնորհակալություն։"],
        ["ខ្ញុំស្រលាញ់អ្នក។", "គាត់ទៅផ្ទះ។", "ផ្លែឈើ ។ល។", "និង"],
        ["༄༅། །བཀྲ་ཤིས་བདེ་ལེགས།", "ཁྱེད་རང་བདེ་མོ་ཡིན་པས། །", "ང་བདེ་པོ་ཡིན། །"],
        ["यह है।", "iPhone नया है॥", "क्या?", "दो।"],
        ["ကျွန်တော်သွားတယ်။", "သူလာတယ်။"],
        ["ሰላም።", "እንዴት ነህ፧", "ደህና።"],
        ["ᠮᠣᠩᠭᠣᠯ᠃", "ᠬᠡᠯᠡ᠃"],
        ["كيف حالك؟", "بخير۔", "iPad"],
        ["\U00011103\U00011104\U00011141", "\U00011105\U00011106\U00011143", "\U00011107"],  # Chakma, beyond U+FFFF
        ["\U00011013\U00011047", "\U00011014\U00011048", "\U00011015"],  # Brahmi
    ],
)
def test_sentences_of_their_languages(sentences):
    assert segment(" ".join(sentences), "") == sentences


def test_no_space_is_needed_in_khmer_burmese_and_tibetan():
    assert segment("ខ្ញុំ។គាត់ទៅផ្ទះ។ល្អ", "km") == ["ខ្ញុំ។", "គាត់ទៅផ្ទះ។", "ល្អ"]
    assert segment("သွားတယ်။သူလာတယ်။", "my") == ["သွားတယ်။", "သူလာတယ်။"]
    assert segment("ཡིན་པས། །ང་བདེ།", "bo") == ["ཡིན་པས། །", "ང་བདེ།"]


def test_where_a_space_is_needed_verse_numbers_and_initials_stay_whole():
    assert segment("श्लोक॥१॥ अन्य", "sa") == ["श्लोक॥१॥", "अन्य"]
    assert segment("ایم۔اے۔ پاس", "ur") == ["ایم۔اے۔", "پاس"]
    assert segment("a?b=1 c!d", "") == ["a?b=1 c!d"]


def test_rare_stops_are_found_wherever_they_stand():
    assert not may_hold_rare_stops("blåbær 😀 字" * 100_000)
    for size in (0, 1, 65_535, 65_536, 65_537, 200_000):
        assert may_hold_rare_stops("a" * size + "\U00011047")
        assert segment("a" * size + "\U00011047" + "b", "") == ["a" * size + "\U00011047", "b"]


def test_stops_of_the_three_kinds_share_no_character():
    assert not set(STOPS) & set(SPACED_STOPS)
    assert not set(STOPS + SPACED_STOPS) & set(WIDE_STOPS)
