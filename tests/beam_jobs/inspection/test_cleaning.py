"""The tables of cleaning: what each entry of the statistics becomes, and that an absent entry shows nothing."""

import io

import pytest
from rich.console import Console

from beam_jobs.inspection.cleaning import cleaning_html, cleaning_tables, print_cleaning

STATS = {
    "documents": 700,
    "num_rejected": 100,
    "filtered": {
        "language": {"documents": 50, "bytes": 1_000_000},
        "near_copy": {"documents": 150, "bytes": 12_345_678},
    },
    "duplicates": {
        "mode": "near",
        "exact": 100,
        "near": 50,
        "groups": 40,
        "largest_group": 9,
        "by_source": [["kept.jsonl", "<removed>.jsonl", 120], ["kept.jsonl", "kept.jsonl", 30]],
    },
    "languages": {"nb": {"nb": 600, "nn": 20}, "(none)": {"da": 380}},
    "quality_would_drop": {"word_length": 90, "fewer_words": 0, "lines": {"documents": 9}},
    "held_out": {
        "b.tsv": {"texts": 5, "too_short": 2, "documents": 1},
        "a.json": {"texts": 1, "too_short": 0, "documents": 0},
    },
    "repeated_lines_left_out": {
        "lines": 70,
        "bytes": 900,
        "documents": 60,
        "forms": 30,
        "most_frequent": [["<a> Forsiden", 2000], *[["Les mer", 10]] * 19],
    },
    "masked": {"url": {"documents": 3, "places": 4000}},
    "dehyphenated": {"joined": 5000, "hyphenated": 60, "kept": 7},
    "conditions": {"year<1900": {"left_out": 1200, "without": 3}},
    "furniture": {"lines": 1234, "documents": 5},
}


def table(name: str, stats=STATS):
    return next(table for table in cleaning_tables(stats) if table.title == name)


def test_every_document_is_accounted_for() -> None:
    assert table("Documents filtered out, by reason").rows == (
        ("near_copy", "150", "15.00%", "12.35"),
        ("language", "50", "5.00%", "1.00"),
        ("set aside (rejected)", "100", "10.00%", ""),
        ("kept", "700", "70.00%", ""),
    )


def test_the_other_tables() -> None:
    assert table("Duplicates").rows == (
        ("exact copies", "100"),
        ("near copies", "50"),
        ("documents with copies", "40"),
        ("the most that are one text", "9"),
    )
    assert table("Duplicates by source").rows[0] == ("<removed>.jsonl", "kept.jsonl", "120")
    lines = table("Repeated lines left out")
    assert (lines.rows[0], len(lines.rows), lines.more) == (("<a> Forsiden", "2,000"), 12, 8)
    assert table("What each rule of quality would drop").rows == (
        ("word_length", "90", "10.00%"),
        ("lines", "9", "1.00%"),
    )
    assert table("Languages").rows[1] == ("(none)", "da", "380", "38.00%")
    assert table("Evaluation files found in documents").rows[0] == ("b.tsv", "1", "5", "2")
    assert table("Personal data masked").rows == (("url", "4,000", "3"),)
    assert table("Conditions of --where").rows == (("year<1900", "1,200", "3"),)
    assert table("Running heads and page numbers").rows == (("left out", "1,234", "5"),)
    assert table("Words divided by a hyphen").rows[:2] == (("joined", "5,000"), ("joined with their hyphen", "60"))


def test_counted_copies_are_not_removed_ones() -> None:
    found = table("Duplicates", {"duplicates": {"mode": "count", "exact": 1, "groups": 1, "largest_group": 2}})
    assert found.rows[0] == ("exact copies (counted, not removed)", "1")


@pytest.mark.parametrize(
    "stats", [{}, {"documents": 3, "filtered": {}, "languages": {}, "duplicates": {"mode": "off"}}]
)
def test_what_was_not_counted_shows_nothing(stats: dict) -> None:
    assert cleaning_tables(stats) == []
    assert cleaning_html(stats) == ""
    out = io.StringIO()
    print_cleaning(Console(file=out), stats)
    assert out.getvalue() == ""


@pytest.mark.parametrize("entry", list(STATS))
def test_each_entry_may_be_absent(entry: str) -> None:
    shown = len(cleaning_tables({name: value for name, value in STATS.items() if name != entry}))
    assert shown == 11 - (entry not in ("documents", "num_rejected")) - (entry == "duplicates")


def test_long_tables_are_cut_and_say_so() -> None:
    stats = {"languages": {"nb": {f"x{i}": i + 1 for i in range(40)}}}
    (found,) = cleaning_tables(stats)
    assert (len(found.rows), found.more) == (12, 28)
    assert "and 28 more, in corpus_stats.json" in cleaning_html(stats)
    out = io.StringIO()
    print_cleaning(Console(file=out, width=100), stats)
    assert "and 28 more" in out.getvalue()


def test_terminal_and_page_show_the_same_numbers_and_names_are_escaped() -> None:
    out = io.StringIO()
    print_cleaning(Console(file=out, width=100), STATS)
    page = cleaning_html(STATS)
    for shown in ("12.35", "4,000", "documents with copies", "kept.jsonl"):
        assert shown in out.getvalue()
        assert shown in page
    assert "<removed>.jsonl" in out.getvalue()
    assert "&lt;removed&gt;.jsonl" in page
    assert page.count("<figure>") == 11
