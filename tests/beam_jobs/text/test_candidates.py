"""The places that the pattern finds and their kinds; what the rules then say of the doubtful ones is in test_boundaries."""

import pytest

from beam_jobs.text.candidates import DOUBTFUL, RARE_SPACE, SURE, UNSTOPPED, WIDE, OrdinaryWords, candidates
from beam_jobs.text.languages import language_rules


def found(text, language="nb", cased=True, rare_stops=False):
    pattern = candidates(language_rules(language), cased, rare_stops).pattern
    return [(match.group(), match.lastindex) for match in pattern.finditer(text)]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Vi venter. Hun kom.", [(". ", SURE)]),  # a long word and a capital
        ("Vi gikk. Hun kom.", [(".", DOUBTFUL)]),  # a short one may be an abbreviation
        ("Kom du? Ja.", [("? ", SURE)]),
        ("Så gikk han hjem. hun ble.", []),  # lower case follows
        ("Det går bra :-) Hun lo.", [(":-) ", SURE), ("Hun", UNSTOPPED)]),
        ("Fint været i dag Det blir sol.", [("Det", UNSTOPPED)]),
        ("Han sa «ja.» Men han ble.", [(".»", DOUBTFUL), ("Men", UNSTOPPED)]),
        ("Slik er det.[12] Andre nei.", [(".[12]", DOUBTFUL)]),
        ("Hva?! Nei.", [("?!", DOUBTFUL)]),
        ("en\u00a0to", [("\u00a0", RARE_SPACE)]),
        ("他来了。好", [("。", WIDE)]),
        ("ingen stopp her", []),
        ("kl.9 og a.b", []),
    ],
)
def test_kinds(text, kinds):
    assert found(text) == kinds


def test_without_capitals_every_stop_before_a_space_is_doubtful():
    assert found("det gikk. han kom!", cased=False) == [(".", DOUBTFUL)]
    assert found("dag Det", cased=False) == []


def test_stops_beyond_the_first_plane_are_looked_for_only_where_they_may_be():
    text = "a\U00010a56 b"
    assert found(text, rare_stops=True) == [("\U00010a56", DOUBTFUL)]
    assert found(text) == []


def test_clause_stops_are_those_of_the_language():
    assert found("Regelen er: Alle kom.") == [(":", DOUBTFUL)]
    assert found("Reglen er: Alle kom.", "da") == []


@pytest.mark.parametrize(
    ("token", "ends", "kept"),
    [
        ("gikk", True, True),
        ("", True, False),
        (")", True, False),
        ("kl", False, False),  # listed
        ("NRK", False, False),  # capitals
        ("b", False, False),
        ("rgn", False, False),  # short and without a vowel
        ("strkt", True, True),  # long enough to be a word
        ("12", False, False),
        ("a" * 39, True, True),
        ("a" * 40, True, False),
    ],
)
def test_which_words_before_a_stop_are_nothing_special(token, ends, kept):
    words = OrdinaryWords(language_rules("nb"))
    assert words.learn(token) is ends
    assert words == ({token} if kept else set())


def test_what_is_kept_is_bounded():
    words = OrdinaryWords(language_rules("nb"))
    words.update(f"ord{number}" for number in range(50_001))
    words.learn("gikk")
    assert words == {"gikk"}
