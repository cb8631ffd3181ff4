"""Each rule drops what it is for, and nothing of clean text."""

import json
from pathlib import Path

import pytest

from beam_jobs.quality.count_documents import count_documents
from beam_jobs.quality.counters import NGRAM_COLUMNS
from beam_jobs.quality.rule import dropping_rules
from beam_jobs.quality.rule_sets import RULE_SETS
from beam_jobs.quality.rules import RULES, judges_paragraphs, needs_ngrams
from tests.benchmarks.quality_datatrove import of_beambert

CLEAN = """Det første avsnittet handler om fjell. Der ligger snøen lenge, og mange går på ski hele vinteren.
Når våren kommer, smelter isen på vannet. Da drar folk ut for å fiske, eller de sitter bare på en stein og ser.
I skogen er det stille. Elgen har kalver, fuglene bygger reir, og bærene er ennå ikke modne.
Om høsten blir bladene røde og gule! Alle som eier en kurv, leter etter sopp til middagen.
"""
DROPPED = {
    "replacement_characters": "Br\ufffdnn.",
    "few_letters": "12 345 678 a",
    "javascript_code": "Skru på JavaScript {",
    "c4_lorem_ipsum": "Lorem ipsum dolor.",
    "c4_braces": "Dette er {.",
    "c4_few_sentences": "Dette er bra.",
    "gopher_few_words": "Dette er bra.",
    "gopher_many_words": "ord " * 100_001,
    "gopher_short_words": "a b c",
    "gopher_long_words": "sammensetningsord menneskerettighet",
    "gopher_hashes": "#en #to",
    "gopher_ellipses": "en … to",
    "gopher_bullet_lines": "- en\n• to",
    "gopher_ellipsis_lines": "en ...\nto",
    "gopher_alphabetic_words": "en 2 3",
    "gopher_stop_words": "Meny Kontakt og Søk",
    "gopher_repeated_lines": "en\nen",
    "gopher_repeated_line_characters": "en\nen",
    "gopher_repeated_paragraphs": "en\n\nen",
    "gopher_repeated_paragraph_characters": "en\n\nen",
    **{f"gopher_top_{size}_gram": "en to tre fire " * 2 for size in (2, 3, 4)},
    **{f"gopher_repeated_{size}_grams": "a b c d e f g h i j " * 2 for size in range(5, 11)},
    "fineweb_punctuated_lines": "Uten punktum",
    "fineweb_short_lines": "Kort.",
    "fineweb_repeated_line_characters": "en\nen",
    "fineweb_newlines": "en\nto\n",
    "ocr_alphabetic_words": "ord 12",
    "ocr_longest_word": "i" * 26,
    "ocr_characters": "For kort",
    "ocr_braces": "}",
    "ocr_replacement_characters": "\ufffd",
}


def names(text: str, language: str = "nb", confidence: float | None = None) -> list[str]:
    row = count_documents([text], [language], [confidence])[0]
    return [rule.name for rule in dropping_rules(row, RULES)]


@pytest.mark.parametrize("name", DROPPED)
def test_what_a_rule_drops(name: str) -> None:
    assert name in names(DROPPED[name])


def test_every_rule_has_an_example() -> None:
    assert {*DROPPED, "ocr_confidence"} == {rule.name for rule in RULES}


def test_clean_text_is_dropped_by_none() -> None:
    assert names(CLEAN) == []


def test_a_low_confidence_is_dropped_and_an_unknown_one_kept() -> None:
    assert names(CLEAN, confidence=0.89) == ["ocr_confidence"]
    assert names(CLEAN, confidence=0.9) == names(CLEAN, confidence=None) == []


def test_a_language_without_stop_words_is_not_judged_by_them() -> None:
    assert "gopher_stop_words" in names("x y z")
    assert "gopher_stop_words" not in names("x y z", language="ko")


def test_text_in_a_script_without_spaces_is_not_judged_by_the_length_of_its_words() -> None:
    found = names("これは長い文章です。もう一つの文があります。", language="ja")
    assert not {"gopher_short_words", "gopher_long_words", "gopher_alphabetic_words"} & set(found)


def test_names_are_different_and_thresholds_mean_something() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        rule.validate()
        assert f"{rule.threshold:g}" in rule.describe()
        assert rule.source


def test_verdicts_are_those_of_datatrove() -> None:
    """The golden file is made by tests/benchmarks/quality_datatrove.py --golden."""
    golden = json.loads(Path(__file__).with_name("datatrove_golden.json").read_text())
    texts, theirs = zip(*golden["documents"], strict=True)
    assert of_beambert(list(texts)) == list(theirs)
    assert all(20 < sum(verdicts) < len(texts) - 5 for verdicts in zip(*theirs, strict=True))  # both verdicts occur


def test_which_rules_need_more_than_a_row_without_ngrams() -> None:
    assert {rule.name for rule in RULES if judges_paragraphs(rule)} == set(RULE_SETS["ocr"]) - {"ocr_confidence"}
    assert sum(map(needs_ngrams, RULES)) == NGRAM_COLUMNS
