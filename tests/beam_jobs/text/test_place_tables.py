"""What the compiled search knows of characters, and how much memory its tables take."""

import re

from beam_jobs.text.languages import language_rules
from beam_jobs.text.place_tables import KNOWN, is_simple, place_tables
from beam_jobs.text.places_kernel import BEGINS_SHIFT, COLON, FILTER_SIZE, OTHER, filter_slot, mix


def test_a_simple_letter_equals_no_known_letter_but_its_own_pair():
    known = "".join(KNOWN)
    simple = [character for character in KNOWN if is_simple(character)]
    assert {"a", "Z", "å", "ß", "Σ", "я", "Ż"} <= set(simple)
    assert {"ſ", "ı", "İ", "ς", "µ", "1", "_", ".", "ǅ"}.isdisjoint(simple)
    for character in simple:
        alike = re.findall(re.escape(character), known, re.IGNORECASE)
        lower = character.lower()
        assert all(other.lower() == lower or not is_simple(other) for other in alike), alike


def slot(word):
    key = 0
    for character in word:
        key = mix(key, ord(character))
    return filter_slot(key)


def test_the_words_of_a_language_are_in_its_filters():
    tables = place_tables(language_rules("nb"))
    assert tables.listed[slot("lk")]  # "kl", read backwards
    assert tables.unstopped[slot("Det")]
    assert tables.labels[slot("otof")]
    assert not tables.listed[slot("tesuh")]
    assert 0 < tables.listed.sum() < FILTER_SIZE / 10


def test_what_is_no_stop_in_a_language_may_only_begin_an_emoticon():
    assert place_tables(language_rules("da")).characters[ord(":")] >> BEGINS_SHIFT == COLON
    assert place_tables(language_rules("nb")).characters[ord(":")] >> BEGINS_SHIFT != COLON


def test_every_beginning_of_a_korean_verb_ending_is_left_to_the_pattern():
    rules = language_rules("ko")
    beginnings = {ending[0] for ending in rules.final_endings}
    assert beginnings
    assert {place_tables(rules).characters[ord(one)] >> BEGINS_SHIFT for one in beginnings} == {OTHER}
