"""The rules of quality over a batch of documents."""

from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.jobs.segment.filters.quality import JudgedQuality, judge_quality, quality_lines, quality_stats
from beam_jobs.quality.rules import RULES, judges_paragraphs, needs_ngrams
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings

LONG = "a" * 26
GOOD = "Dette avsnittet er lest av en maskin."


def judged(*texts: str, confidence: float | None = None, **settings: object) -> JudgedQuality:
    documents = [Document(str(i), text, "nb", "a", i, confidence=confidence) for i, text in enumerate(texts)]
    return judge_quality(DocumentBatch(documents, list(texts)), ["nb"] * len(texts), SegmentSettings(**settings))


def test_by_default_nothing_is_dropped_and_all_but_ngrams_and_paragraphs_is_counted() -> None:
    found = judged("Dette er {.", GOOD)
    assert (found.batch.texts, found.dropped) == (["Dette er {.", GOOD], {})
    would = found.counts["quality_would_drop"]
    assert would.keys() == {rule.name for rule in RULES if not needs_ngrams(rule) and not judges_paragraphs(rule)}
    assert (would["c4_braces"], would["gopher_few_words"]) == (1, 2)
    assert found.counts.keys() == {"quality_would_drop"}


def test_off_counts_nothing() -> None:
    assert judged("Dette er {.", quality="off").counts == {}


def test_an_empty_batch() -> None:
    assert judged(quality="web").dropped == {}


def test_the_first_rule_is_the_reason_and_tells_what_it_measured() -> None:
    found = judged("Dette er {.", quality="web")
    assert found.dropped == {0: ("c4_braces", "1, above 0")}
    assert "gopher_top_2_gram" in found.counts["quality_would_drop"]


def test_a_single_rule_drops_below_its_threshold_only() -> None:
    texts = ["en to tre", "en to tre fire", "en to tre fire fem"]
    assert judged(*texts, drop=("gopher_few_words=4",)).dropped == {0: ("gopher_few_words", "3, below 4")}
    assert judged(*texts, drop=("gopher_few_words=4",)).counts["quality_would_drop"]["gopher_few_words"] == 1


def test_ocr_drops_paragraphs_and_a_document_only_if_none_is_left() -> None:
    found = judged(
        f"{GOOD}\n\n{LONG} og {LONG}\n{GOOD}", f"{LONG} og mer tekst her", f"{GOOD}\n\n{GOOD}", quality="ocr"
    )
    assert found.batch.texts[0] == f"{GOOD}\n{GOOD}"
    assert found.batch.texts[2] == f"{GOOD}\n\n{GOOD}"  # as it was
    assert found.dropped == {1: ("ocr_longest_word", "26, above 25")}
    assert found.counts["quality_dropped_paragraphs"]["ocr_longest_word"] == 2
    assert judged(f"{LONG} og mer tekst her", drop=("ocr_longest_word=26",)).dropped == {}
    assert judged(f"{LONG}a og mer tekst her", drop=("ocr_longest_word=26",)).dropped.keys() == {0}


def test_the_confidence_is_of_the_whole_document() -> None:
    low = judged(GOOD, confidence=0.89, quality="ocr")
    assert low.dropped == {0: ("ocr_confidence", "0.89, below 0.9")}
    assert sum(low.counts["quality_dropped_paragraphs"].values()) == 0
    assert judged(GOOD, confidence=0.9, quality="ocr").dropped == {}
    assert judged(GOOD, quality="ocr").dropped == {}


def test_what_the_job_says() -> None:
    stats = {"quality_would_drop": {"a": 1}, "quality_dropped_paragraphs": {"x": 1200, "y": 0}, "other": 1}
    assert quality_stats(stats) == {"quality_would_drop": {"a": 1}, "quality_dropped_paragraphs": {"x": 1200, "y": 0}}
    assert quality_lines(stats) == ["paragraphs left out: 1,200 (1,200 x)"]
    assert quality_lines({}) == []


def test_the_lines_of_hard_wrapped_text_are_joined_before_they_are_judged() -> None:
    wrapped = (
        "Det var en gang en konge som hadde tre\nsønner, og den yngste av dem hadde ingen\ntro på at han en dag skulle få riket til\n"
        "eie.\n\nMen da kongen ble gammel, ville han vite\nhvem av de tre som kunne styre et land så\ndet gikk alle godt."
    )
    found = judged(wrapped, quality="ocr")
    assert (found.batch.texts, found.dropped) == ([wrapped], {})
    assert judged("eie.", quality="ocr").dropped.keys() == {0}  # which a line of its own would be
