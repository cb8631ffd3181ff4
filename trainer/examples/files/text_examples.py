"""Texts, or pairs of texts, with labels or numbers, from the rows of a file."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from beam_jobs.errors import UserError
from trainer.examples.example import Examples, Place, Purpose, TextExample
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.ids import row_ids, with_distinct_ids
from trainer.examples.files.read_table import read_table
from trainer.examples.files.table import Table, kind_of

LabelKind = Literal["one", "several", "number"]

_PAIRS = (
    ("text", "text_pair"),
    ("sentence1", "sentence2"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("question", "sentence"),
)
_SINGLE = ("text", "sentence", *(first for first, _ in _PAIRS[1:]))
_LABELS: Mapping[LabelKind, Sequence[str]] = {
    "one": ("label", "gold_label"),
    "several": ("labels", "label"),
    "number": ("score", "label", "value"),
}
_HIDDEN = -1  # in place of the number of a class: the label of this row is not published


def read_texts(
    uri: str, columns: ColumnSettings, kind: LabelKind = "one", *, pairs: bool = False, purpose: Purpose = "score"
) -> Examples[TextExample]:
    """The examples of a .jsonl, .json, .tsv, .csv or .parquet file.

    Args:
        uri: the file: a local path or any URI of the storage layer, compressed or not.
        columns: the names of its columns.
        kind: what a label is: the name of one class, the names of any number of them, or a number.
        pairs: whether an example has two texts.
        purpose: "train" and "score" need a label in every row, "score" and "predict" distinct ids.

    Raises:
        UserError: with the file and the row, what is wrong and what to do: a missing column, a value of the wrong type,
            a row without a label, an id that stands twice, or a file that has pairs although none are wanted.
    """
    columns.validate()
    labelled = purpose != "predict"
    table = read_table(uri)
    first, second = _text_columns(table, columns, pairs)
    label = table.column(columns.label_column, _LABELS[kind], "label_column")
    if labelled and label is None:
        raise table.missing(" or ".join(_LABELS[kind]), "label_column")
    found = []
    for name, (row, values) in zip(row_ids(table, columns), table.rows, strict=True):
        place = table.place(row)
        text = table.text(row, values, first)
        pair = table.text(row, values, second) if second else None
        given = None if label is None else values.get(label)
        labels, number = None, None
        if kind == "number":
            number = _number(given, place, label)
        else:
            names = table.class_names.get(label or "", ())
            labels = label_names(given, place, label or "", names, columns.label_separator if kind == "several" else "")
        if labelled and labels is None and number is None:
            raise UserError(f"{place}: has no {label}; add the label or remove the row")
        found.append(TextExample(name, text, pair, labels, number, place))
    remarks = list(table.remarks)
    empty = sum(not (example.text.strip() or (example.pair or "").strip()) for example in found)
    if empty:
        remarks.append(f"{uri}: {empty} of {len(found)} texts are empty; they are kept, as [CLS] [SEP]")
    return with_distinct_ids(found, purpose, remarks)


def has_pairs(table: Table) -> bool:
    """Whether a table has the two columns of one of the usual pairs of texts."""
    return any(set(pair) <= set(table.columns) for pair in _PAIRS)


def _text_columns(table: Table, columns: ColumnSettings, pairs: bool) -> tuple[str, str | None]:
    if columns.text_column:
        first = table.needed(columns.text_column, (), "text_column")
        if pairs and not columns.pair_column:
            raise UserError(
                f"--pair_column is not given beside --text_column {first}; name the column of the second text"
            )
        if columns.pair_column and not pairs:
            raise UserError(
                f"--pair_column {columns.pair_column} is for pairs of texts; leave it out, or use --task pairs"
            )
        return first, table.needed(columns.pair_column, (), "pair_column") if pairs else None
    both = next((pair for pair in _PAIRS if set(pair) <= set(table.columns)), None)
    if pairs and both is None:
        known = "; ".join(f"{first}, {second}" for first, second in _PAIRS)
        raise table.missing(f"pair of texts ({known})", "text_column and --pair_column")
    if both is not None and not pairs:
        first, second = both
        raise UserError(
            f"{table.file}: has pairs of texts, {first} and {second}; use --task pairs, or name one by --text_column"
        )
    return both or (table.needed("", _SINGLE, "text_column"), None)


def label_names(
    value: Any, place: Place, column: str, class_names: Sequence[str], separator: str = ""
) -> tuple[str, ...] | None:
    """The labels in a column of a row; None if there are none to be known.

    With a `separator` there may be several, in a list or in one text; without, there is exactly one. A number stands
    for one of `class_names`, if there are any; without them, whole numbers are names as they are written.

    Raises UserError for a value that is no label.
    """
    if value is None:
        return None
    if separator and isinstance(value, list | str):
        parts = value if isinstance(value, list) else [part.strip() for part in value.split(separator) if part.strip()]
        named = [label_name(part, place, column, class_names) for part in parts]
        for name in named:
            if named.count(name) > 1:
                raise UserError(f"{place}: names the label {name!r} twice in {column}; name it once")
        return tuple(named)
    if value == "":
        return None
    if class_names and value == _HIDDEN and not isinstance(value, bool):
        return None
    return (label_name(value, place, column, class_names),)


def label_name(value: Any, place: Place, column: str, class_names: Sequence[str]) -> str:
    """One label as text. Raises UserError for a value that is no label."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as a table writes the numbers of a column in which some are missing
    if isinstance(value, int):
        if class_names and not 0 <= value < len(class_names):
            raise UserError(
                f"{place}: {column} is {value}, but the file names classes 0 to {len(class_names) - 1}; mend it"
            )
        return class_names[value] if class_names else str(value)
    if isinstance(value, str) and value:
        return value
    what = "empty" if value == "" else kind_of(value)
    hint = "if numbers are to be predicted, use --task regress" if isinstance(value, float) else "mend it"
    raise UserError(f"{place}: {column} is {what}, not the name of a label; {hint}")


def _number(value: Any, place: Place, column: str | None) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            remedy = "write a number with a decimal point, or use --task classify for names"
            raise UserError(f"{place}: {column} is {value[:40]!r}, not a number; {remedy}") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UserError(f"{place}: {column} is {kind_of(value)}, not a number; mend it")
    if not math.isfinite(value):
        raise UserError(f"{place}: {column} is {value}, which nothing can be learned from; give a finite number")
    return float(value)
