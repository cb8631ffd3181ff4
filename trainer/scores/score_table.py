"""Scores as text for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

_WIDEST_MATRIX = 12  # labels; a wider confusion matrix fits no terminal


def score_lines(scores: Mapping[str, Any], chosen: Sequence[str] = ()) -> list[str]:
    """The lines of what `scores_of` returns: every score by name, those of each class, and the confusion matrix.

    With `chosen`, those scores alone.
    """
    named = scores["scores"]
    if chosen:
        return _aligned([[name, _number(named[name])] for name in chosen])
    marked = {scores["metric"]: "  by default, models are compared by this"}
    lines = [
        f"{name}{marked.get(name.split()[0], '')}" for name in _aligned([[k, _number(v)] for k, v in named.items()])
    ]
    if classes := scores.get("per_class"):
        header = ["class", "precision", "recall", "f1", "gold", "predicted"]
        lines += ["", *_aligned([header, *([name, *_cells(header[1:], row)] for name, row in classes.items())])]
    return [*lines, *_matrix_lines(scores.get("confusion_matrix"))]


def _matrix_lines(matrix: Mapping[str, Any] | None) -> list[str]:
    if matrix is None:
        return []
    labels = matrix["labels"]
    if len(labels) > _WIDEST_MATRIX:
        return ["", f"the confusion matrix of {len(labels)} labels is in --json"]
    rows = [[name, *map(str, row)] for name, row in zip(labels, matrix["rows"], strict=True)]
    return ["", *_aligned([["gold \\ predicted", *labels], *rows])]


def _cells(columns: Sequence[str], row: Mapping[str, Any]) -> list[str]:
    return [f"{row[name]:,}" if name in ("gold", "predicted") else _number(row[name]) for name in columns]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines: the first column to the left, the others to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
