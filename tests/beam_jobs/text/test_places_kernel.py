"""The compiled search decides as the pattern and the rules do, wherever it decides."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.text import segment as module
from beam_jobs.text.languages import known_languages, language_rules
from beam_jobs.text.place_tables import KNOWN, place_tables
from beam_jobs.text.places_kernel import CUT, DOUBLE_SPACE, LINE_END, OPEN, find_places
from beam_jobs.text.segment import segment

LANGUAGES = [*sorted(known_languages()), ""]
MARKS = [*".!?…:;,-–—()[]«»\"'“”’*。؟।\n\t_%", *("  ", " ", ". ", "? ", ": ", " - ", " – ", "\xa0", ". «", '. "')]
WORDS = [
    "Det",
    "Huset",
    "HUSET",
    "USA",
    "NRK",
    "ca",
    "Dr",
    "rgn",
    "strkt",
    "Strktr",
    "A",
    "I",
    "i",
    "12",
    "1998",
    "Æra",
]
WORDS += ["ße", "ſo", "İle", "ıt", "Και", "дом", "ʼn", "ա", "雨", "요", "kg", "U.S", "D", "P", "(", "e\u0301", "\u0301"]
WORDS += ["😀", "\U00010a56", "\ud800"]


def both_ways(text, language):
    found = []
    for shortest in (0, sys.maxsize):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_SHORT", shortest)
            found.append(segment(text, language))
    return found


def pieces_of(language):
    rules = language_rules(language)
    listed = [*rules.listed, *rules.unmistakable, *rules.starters, *rules.labels, *rules.never_last, *rules.months]
    words = st.sampled_from(sorted(listed) or ["ord"])
    return st.one_of(
        st.sampled_from(MARKS),
        st.just(" "),
        st.sampled_from(WORDS),
        words,
        words.map(str.title),
        words.map(str.upper),
        st.sampled_from(KNOWN),
        st.characters(codec=None),
    )


texts = st.sampled_from(LANGUAGES).flatmap(
    lambda language: st.tuples(st.lists(pieces_of(language), max_size=60).map("".join), st.just(language))
)


@given(texts)
def test_compiled_code_and_pattern_give_the_same_sentences(case):
    text, language = case
    compiled, plain = both_ways("Vi " + text, language)
    assert compiled == plain


@pytest.mark.parametrize("language", LANGUAGES)
def test_around_every_kind_of_stop_they_give_the_same(language):
    before = [
        "huset",
        "Huset",
        "HUSET",
        "kl",
        "nr",
        "assoc",
        "BLVD",
        "rgn",
        "hus",
        "U",
        "12",
        "hus»",
        "(hus",
        "ßet",
        "sſets",
        "",
    ]
    behind = ["Det", "det", "Per", "«Det", "« Det", '"Per"', "(per", "12", "- Det", "é", "Éa", "ǅ", "雨", "'", ""]
    stops = [". ", ".", "? ", "?! ", "... ", ".» ", ": ", ":", "; ", ":D ", " - ", " ", ".\n", ".»\n", "...\n", " . "]
    lines = [f"Vi {one}{stop}{other} ord." for one in before for stop in stops for other in behind]
    compiled, plain = both_ways("\n".join(lines), language)
    assert compiled == plain


def places(text, language="nb"):
    codes = np.frombuffer(f"\n{text}\n".encode("utf-16-le"), np.uint16)
    found, verdicts = np.empty(len(codes), np.int64), np.empty(len(codes), np.uint8)
    count = find_places(codes, place_tables(language_rules(language)), found, verdicts)
    return [(int(at) - 1, int(verdict)) for at, verdict in zip(found[:count], verdicts[:count], strict=True)][:-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Det regner. Hun kom", [(10, CUT)]),
        ("Det er sol. Hun kom", [(10, CUT)]),
        ("Det er 50 %. Hun kom", [(11, CUT)]),
        ("Kom hun? Ja", [(7, CUT)]),
        ("Slik er det: Alle kom", [(11, CUT)]),
        ("Han sa «ja: Alle kom", [(10, OPEN)]),
        ("Alle synger. «Ja», sa hun", [(11, CUT)]),
        ("Møt dr. Berg", [(6, OPEN)]),
        ("Møt USA. Berg", [(7, OPEN)]),
        ("Se rgn. Berg", [(6, OPEN)]),
        ("Se 12. Berg", [(5, OPEN)]),
        ("Ett\nto", [(3, LINE_END)]),
        ("kl.9 og 1.000,5 og a.b og hus. er", []),
        ("Hva...", []),
        ("Hun bor i Oslo - Frode", []),
        ("Fint i dag Det blir", [(11, OPEN)]),
    ],
)
def test_what_it_says_of_a_place(text, expected):
    assert places(text) == expected


def test_it_stops_at_two_spaces_because_they_must_become_one_first():
    codes = np.frombuffer("\nDet er sol.  Hun kom.\n".encode("utf-16-le"), np.uint16)
    found, verdicts = np.empty(len(codes), np.int64), np.empty(len(codes), np.uint8)
    assert find_places(codes, place_tables(language_rules("nb")), found, verdicts) == DOUBLE_SPACE
    text = "Det er sol.  Hun kom  i dag. Per gikk.\nVi så ham.   Han lo. " * 20
    assert segment(text, "nb") == segment(text.replace("   ", " ").replace("  ", " "), "nb")


def test_large_documents_are_searched_in_batches():
    line = "Det var en gang en mann som bodde i skogen. Han het Per. " * 200
    text = "\n".join(line for _ in range(120)) + "\nKort 😀 linje. Slutt."
    assert segment(text, "nb") == [one for part in text.split("\n") for one in segment(part, "nb")]
