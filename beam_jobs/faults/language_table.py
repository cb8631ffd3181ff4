"""The table of the languages that documents declare and those that were detected, in the statistics of a corpus."""

import re
from collections.abc import Mapping

from beam_jobs.execution.stats_file import read_stats
from beam_jobs.faults.language_notes import OTHERS
from beam_jobs.language_detection.judge_languages import UNSURE
from beam_jobs.text.language_names import code_of_code, code_of_name

LANGUAGES = "languages"  # in the statistics: documents by declared language and detected one
NONE_DECLARED = "(none)"

_CODE = re.compile("[a-z]{2,3}")
_SHOWN = 5

Table = Mapping[str, Mapping[str, int]]


def count_declared(pairs: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """The table of some documents, from counts of pairs of a declared and a detected language.

    A name of a declared language becomes its code. What is neither a known name nor a code of two or three letters is
    counted with OTHERS: a document may declare anything.
    """
    table: dict[str, dict[str, int]] = {}
    for (declared, detected), count in pairs.items():
        row = table.setdefault(_declared_code(declared), {})
        row[detected] = row.get(detected, 0) + count
    return table


def most_frequent_first(table: Table) -> dict[str, dict[str, int]]:
    """The table with its rows, and each of them, in the order of frequency."""
    ranked = sorted(table.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    return {name: dict(sorted(row.items(), key=lambda item: (-item[1], item[0]))) for name, row in ranked}


def tell_of_declared(output: str, use: str) -> None:
    """At the end of a job: print a line if documents are in other languages than they declare.

    `use` is `--detect_language`.
    """
    for line in table_lines(read_stats(output).get(LANGUAGES, {}), use):
        print(line)


def table_lines(table: Table, use: str) -> list[str]:
    """The line of `tell_of_declared`, or none."""
    total = sum(sum(row.values()) for row in table.values())
    others = [
        (count, f"{declared}, detected {detected} ({count:,})")
        for declared, row in table.items()
        for detected, count in row.items()
        if detected not in (declared, UNSURE) and declared not in (NONE_DECLARED, OTHERS)
    ]
    if not others:
        return []
    others.sort(key=lambda other: (-other[0], other[1]))
    more = f" and {len(others) - _SHOWN:,} more kinds" if len(others) > _SHOWN else ""
    effect = (
        "the detected language chose the rules that cut them"
        if use == "override"
        else "the declared language chose the rules that cut them; --detect_language override goes by the detected one"
    )
    return [
        f"{sum(count for count, _ in others):,} of {total:,} documents are in another language than they declare: "
        f"declared {', '.join(text for _, text in others[:_SHOWN])}{more}; {effect}"
    ]


def _declared_code(language: str) -> str:
    if not language:
        return NONE_DECLARED
    code = code_of_name(language) or code_of_code(language)
    return code if _CODE.fullmatch(code) else OTHERS
