"""What the statistics of a sentence corpus say about its cleaning, as tables for the terminal and the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_MOST_ROWS = 12


@dataclass(frozen=True)
class StatTable:
    """A table of text: the first column says what is counted, the others are numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int = 0  # rows that are not shown


def cleaning_tables(stats: Mapping[str, Any]) -> list[StatTable]:
    """The tables of what filters took or would take, of languages and of masks. What was not counted has no table."""
    made = (_filtered(stats), _duplicates(stats), _sources(stats), _lines(stats), _quality(stats), _languages(stats))
    return [
        table
        for table in (
            *made,
            _held_out(stats),
            _masked(stats),
            _dehyphenated(stats),
            _conditions(stats),
            _furniture(stats),
        )
        if table is not None
    ]


def print_cleaning(console: Console, stats: Mapping[str, Any]) -> None:
    """Print the tables."""
    for table in cleaning_tables(stats):
        console.print()
        console.print(Text(table.title, "bold"))
        shown = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        for number, name in enumerate(table.header):
            shown.add_column(name, justify="right" if number else "left", overflow="fold")
        for row in table.rows:
            shown.add_row(*map(Text, row))
        console.print(shown)
        if table.more:
            console.print(Text(f"and {table.more:,} more, in corpus_stats.json", "dim"))


def cleaning_html(stats: Mapping[str, Any]) -> str:
    """The tables as a section of the page; empty if there are none."""
    tables = cleaning_tables(stats)
    if not tables:
        return ""
    return '<h2>Cleaning</h2>\n<div class="plots">' + "".join(map(_html, tables)) + "</div>"


def _html(table: StatTable) -> str:
    more = f" <small>and {table.more:,} more, in corpus_stats.json</small>" if table.more else ""
    head = "".join(f"<th>{escape(name)}</th>" for name in table.header)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    caption = f"<figcaption>{escape(table.title)}{more}</figcaption>"
    return f"<figure>{caption}<table><tr>{head}</tr>{rows}</table></figure>"


def _filtered(stats: Mapping[str, Any]) -> StatTable | None:
    filtered = stats.get("filtered")
    if not filtered:
        return None
    taken = sum(entry["documents"] for entry in filtered.values())
    read = stats.get("documents", 0) + stats.get("num_rejected", 0) + taken
    rows = [
        (reason, f"{entry['documents']:,}", _share(entry["documents"], read), f"{entry['bytes'] / 1e6:,.2f}")
        for reason, entry in sorted(filtered.items(), key=lambda item: (-item[1]["documents"], item[0]))
    ]
    rows += [
        ("set aside (rejected)", f"{stats.get('num_rejected', 0):,}", _share(stats.get("num_rejected", 0), read), ""),
        ("kept", f"{stats.get('documents', 0):,}", _share(stats.get("documents", 0), read), ""),
    ]
    return StatTable(
        "Documents filtered out, by reason", ("reason", "documents", "of all read", "MB read"), tuple(rows)
    )


def _duplicates(stats: Mapping[str, Any]) -> StatTable | None:
    found = stats.get("duplicates")
    if not isinstance(found, Mapping) or "exact" not in found:
        return None
    counted = found.get("mode") == "count"
    names = {
        "exact": "exact copies" + (" (counted, not removed)" if counted else ""),
        "near": "near copies",
        "groups": "documents with copies",
        "largest_group": "the most that are one text",
    }
    rows = tuple((name, f"{found[key]:,}") for key, name in names.items() if isinstance(found.get(key), int))
    return StatTable("Duplicates", ("", "documents"), rows)


def _sources(stats: Mapping[str, Any]) -> StatTable | None:
    found = stats.get("duplicates")
    pairs = found.get("by_source") if isinstance(found, Mapping) else None
    if not pairs:
        return None
    rows = [(str(removed), str(kept), f"{count:,}") for kept, removed, count in pairs]
    return _cut("Duplicates by source", ("removed from", "kept in", "documents"), rows)


def _lines(stats: Mapping[str, Any]) -> StatTable | None:
    found = stats.get("repeated_lines_left_out")
    if not isinstance(found, Mapping) or not found.get("most_frequent"):
        return None
    rows = [(str(text), f"{documents:,}") for text, documents in found["most_frequent"]]
    return _cut("Repeated lines left out", ("line", "documents"), rows)


def _quality(stats: Mapping[str, Any]) -> StatTable | None:
    found = stats.get("quality_would_drop")
    if not isinstance(found, Mapping):
        return None
    of = stats.get("documents", 0) + sum(entry["documents"] for entry in stats.get("filtered", {}).values())
    counts = {str(rule): _documents(value) for rule, value in found.items()}
    ranked = sorted(((count, rule) for rule, count in counts.items() if count), key=lambda one: (-one[0], one[1]))
    rows = [(rule, f"{count:,}", _share(count, of)) for count, rule in ranked]
    if not rows:
        return None
    return _cut("What each rule of quality would drop", ("rule", "documents", "of all"), rows, len(rows))


def _documents(value: Any) -> int:
    return value.get("documents", 0) if isinstance(value, Mapping) else value if isinstance(value, int) else 0


def _languages(stats: Mapping[str, Any]) -> StatTable | None:
    found = stats.get("languages")
    if not isinstance(found, Mapping) or not found:
        return None
    pairs = [(count, declared, detected) for declared, row in found.items() for detected, count in row.items()]
    total = sum(count for count, _, _ in pairs)
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    rows = [(declared, detected, f"{count:,}", _share(count, total)) for count, declared, detected in pairs]
    return _cut("Languages", ("declared", "detected", "documents", "of all"), rows)


def _held_out(stats: Mapping[str, Any]) -> StatTable | None:
    found = stats.get("held_out")
    if not found:
        return None
    ranked = sorted(found.items(), key=lambda item: (-item[1]["documents"], item[0]))
    rows = [(name, f"{e['documents']:,}", f"{e['texts']:,}", f"{e['too_short']:,}") for name, e in ranked]
    return _cut("Evaluation files found in documents", ("file", "documents", "its texts", "too short"), rows)


def _masked(stats: Mapping[str, Any]) -> StatTable | None:
    found = stats.get("masked")
    if not found:
        return None
    rows = tuple((kind, f"{entry['places']:,}", f"{entry['documents']:,}") for kind, entry in found.items())
    return StatTable("Personal data masked", ("kind", "places", "documents"), rows)


def _dehyphenated(stats: Mapping[str, Any]) -> StatTable | None:
    found = stats.get("dehyphenated")
    if not found:
        return None
    names = {"joined": "joined", "hyphenated": "joined with their hyphen", "kept": "left as they are"}
    rows = tuple((name, f"{found[key]:,}") for key, name in names.items())
    return StatTable("Words divided by a hyphen", ("", "places"), rows)


def _conditions(stats: Mapping[str, Any]) -> StatTable | None:
    found = stats.get("conditions")
    if not found:
        return None
    rows = tuple((name, f"{entry['left_out']:,}", f"{entry['without']:,}") for name, entry in found.items())
    return StatTable("Conditions of --where", ("condition", "leaves out", "no such field"), rows)


def _furniture(stats: Mapping[str, Any]) -> StatTable | None:
    found = stats.get("furniture")
    if not found:
        return None
    row = ("left out", f"{found['lines']:,}", f"{found['documents']:,}")
    return StatTable("Running heads and page numbers", ("", "lines", "of documents"), (row,))


def _cut(title: str, header: tuple[str, ...], rows: Sequence[tuple[str, ...]], most: int = _MOST_ROWS) -> StatTable:
    return StatTable(title, header, tuple(rows[:most]), max(len(rows) - most, 0))


def _share(count: int, of: int) -> str:
    return f"{count / of:.2%}" if of else ""
