"""The statistics of a corpus as one small table, for a paper and for the card of a model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SPLITS = ("train", "dev", "test", "default")
_MADE_WITH = {
    "max_seq_length": "length",
    "max_predictions_per_seq": "predictions an instance",
    "masked_lm_prob": "share of pieces predicted",
    "dupe_factor": "dupe factor",
    "objective": "objective",
    "masking": "masking",
    "random_seed": "random seed",
}
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "&%$#_{}"} | {"\\": r"\textbackslash{}"})
_SPECIAL |= str.maketrans({"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"})
_BAR = str.maketrans({"|": r"\|"})


@dataclass(frozen=True)
class Table:
    """A table of text: the first column says what a row is of, the others are numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def stats_table(stats: Mapping[str, Any]) -> Table:
    """A column for each split, and a row for each count that `corpus_stats.json` has of them.

    `stats` are those of sentences or of instances. The last rows, which say how instances were made or what filters left
    out, have their number in the last column.
    """
    counts: Mapping[str, Mapping[str, Any]] = stats.get("counts", {})
    splits = sorted(counts, key=lambda split: (_SPLITS.index(split) if split in _SPLITS else len(_SPLITS), split))
    totals = [stats.get("splits", {}).get(split) or _only(stats, splits) for split in splits]
    rows: list[tuple[str, ...]] = [
        (name.removeprefix("num_"), *(_number(counts[split].get(name, "")) for split in splits))
        for name in dict.fromkeys(name for split in splits for name in counts[split])
    ]
    for name, count in _COUNTS.items():
        if totals and all(split.get("pieces") for split in totals):
            rows.append((name, *(count(split) for split in totals)))
    before = ("",) * max(len(splits) - 1, 0)
    rows += [
        (text, *before, _number(stats[name]))
        for name, text in _MADE_WITH.items()
        if "totals" in stats and name in stats
    ]
    vocabulary = stats.get("vocabulary")
    if isinstance(vocabulary, dict) and "size" in vocabulary:
        rows.append(("pieces in the vocabulary", *before, _number(vocabulary["size"])))
    filtered = stats.get("filtered") or {}
    for reason, entry in sorted(filtered.items(), key=lambda item: (-item[1]["documents"], item[0])):
        rows.append((f"documents left out: {reason}", *before, _number(entry["documents"])))
    return Table(("", *("all" if split == "default" else split for split in splits)), tuple(rows))


def markdown_table(table: Table) -> str:
    """The table in Markdown, numbers to the right."""
    lines = [table.header, ("---", *("---:" for _ in table.header[1:])), *table.rows]
    return "\n".join(f"| {' | '.join(cell.translate(_BAR) for cell in line)} |" for line in lines)


def latex_table(table: Table) -> str:
    """The table as a `tabular` of LaTeX, with the rules of the package booktabs."""
    head, *rows = [
        " & ".join(cell.translate(_SPECIAL) for cell in line) + r" \\" for line in (table.header, *table.rows)
    ]
    begin = rf"\begin{{tabular}}{{l{'r' * (len(table.header) - 1)}}}"
    return "\n".join([begin, r"\toprule", head, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}"])


def _only(stats: Mapping[str, Any], splits: Sequence[str]) -> Mapping[str, Any]:
    """The totals of a corpus of one split, which are written once."""
    return stats.get("totals", {}) if len(splits) == 1 else {}


def _ratio(part: float, whole: float, form: str) -> str:
    """Empty where the whole is not known: a run keeps the statistics of its corpus, whatever version wrote them."""
    return format(part / whole, form) if whole else ""


_COUNTS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "sentences": lambda split: _number(split.get("sentences", "")),
    "pieces": lambda split: _number(split["pieces"]),
    "pieces an instance": lambda split: _ratio(split["pieces"], split.get("instances", 0), ".1f"),
    "padding": lambda split: _ratio(split.get("padding", 0), split["pieces"] + split.get("padding", 0), ".1%"),
    "[UNK]": lambda split: _ratio(split.get("unknown", 0), split["pieces"], ".2%"),
}


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
