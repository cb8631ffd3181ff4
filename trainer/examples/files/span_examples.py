"""Words with tags, from rows that hold a text and labelled spans of it."""

from typing import Any

from beam_jobs.errors import UserError
from trainer.examples.example import Examples, Place, Purpose, WordsExample
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.ids import row_ids, with_distinct_ids
from trainer.examples.files.span_words import Span, tags_of_spans, word_spans
from trainer.examples.files.table import Table, kind_of

SPANS = ("spans", "entities", "label")
_KEYS = ("start", "end", "label")


def span_examples(table: Table, columns: ColumnSettings, purpose: Purpose) -> Examples[WordsExample]:
    """The examples of rows `{"text", "spans": [{"start", "end", "label"}]}`; a span may be a list of the three, too.

    `start` and `end` count the characters of the text from 0, and `end` is the first one behind the span. A span that
    begins or ends inside of a word is widened to the word, and a remark counts these.

    Raises UserError for a row without a text, a text without words, and everything that `tags_of_spans` refuses.
    """
    text_column = table.needed(columns.text_column, ("text",), "text_column")
    labelled = purpose != "predict"
    column = table.column(columns.tag_column, SPANS, "tag_column")
    if labelled and column is None:
        raise table.missing(" or ".join(SPANS), "tag_column")
    found, widened, count = [], 0, 0
    for name, (row, values) in zip(row_ids(table, columns), table.rows, strict=True):
        place = table.place(row)
        text = table.text(row, values, text_column)
        offsets = word_spans(text)
        if not offsets:
            raise UserError(f"{place}: {text_column} holds no word; remove the row")
        given = None if column is None else values.get(column)
        tags = None
        if given is not None:
            spans = _spans(given, place, str(column))
            tags, moved = tags_of_spans(spans, offsets, text, place)
            widened, count = widened + moved, count + len(spans)
        elif labelled:
            raise UserError(f"{place}: has no {column}; add the spans, or an empty list if there are none")
        words = tuple(text[start:end] for start, end in offsets)
        found.append(WordsExample(name, words, tags, place, text, offsets))
    remarks = table.remarks
    if widened:
        remarks = (*remarks, f"{table.file}: {widened} of {count} spans begin or end inside of a word; widened to it")
    return with_distinct_ids(found, purpose, remarks)


def _spans(value: Any, place: Place, column: str) -> list[Span]:
    if not isinstance(value, list):
        raise UserError(f"{place}: {column} is {kind_of(value)}, not a list of spans; write a list")
    return [_span(span, place, number, column) for number, span in enumerate(value, 1)]


def _span(value: Any, place: Place, number: int, column: str) -> Span:
    if isinstance(value, dict):
        value = [value.get(key) for key in _KEYS]
    if not isinstance(value, list) or len(value) != len(_KEYS):
        raise UserError(f"{place}: span {number} of {column} is no object of {', '.join(_KEYS)}; mend it")
    start, end, label = value
    for key, bound in (("start", start), ("end", end)):
        if isinstance(bound, bool) or not isinstance(bound, int):
            raise UserError(f"{place}: {key} of span {number} is {kind_of(bound)}, not a number of characters; mend it")
    if not isinstance(label, str) or not label.strip():
        raise UserError(f"{place}: label of span {number} is {kind_of(label)} or empty, not a name; mend it")
    return Span(start, end, label)
