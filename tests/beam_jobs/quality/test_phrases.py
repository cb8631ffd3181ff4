import pytest

from beam_jobs.quality.count_documents import count_documents
from beam_jobs.quality.counters import COLUMN
from beam_jobs.quality.phrases import PHRASES, phrase_table


def lines_with(text: str) -> list[int]:
    row = count_documents([text], [""])[0]
    return [int(row[COLUMN[f"{kind}_lines"]]) for kind in ("javascript", "lorem_ipsum", "policy")]


@pytest.mark.parametrize("phrase", PHRASES)
def test_each_phrase_is_found_in_any_case_and_at_both_ends(phrase: str) -> None:
    assert sum(lines_with(phrase)) == sum(lines_with(f"({phrase.upper()})")) == sum(lines_with(f"a {phrase}b")) == 1


@pytest.mark.parametrize(
    "text", ["no", "xjavascript", "javascrip", "javascrip\nt", "lorem\nipsum", "åuse cookies", "Java Script"]
)
def test_what_is_no_phrase(text: str) -> None:
    assert lines_with(text) == [0, 0, 0]


def test_a_line_counts_once_for_each_kind() -> None:
    assert lines_with("JavaScript javascript, terms of use\nuse cookies") == [1, 0, 2]


def test_every_row_of_the_table_ends_with_a_zero() -> None:
    table, flags, second_letters = phrase_table()
    assert (table[:, -1] == 0).all()
    assert len(table) == len(flags) == len(PHRASES)
    assert len(second_letters) == 32
