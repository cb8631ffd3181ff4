"""Words with tags: from rows with tokens and tags, and from CoNLL columns. Texts with spans are in `span_examples`."""

from collections.abc import Sequence
from typing import Any

from beam_jobs.errors import UserError
from trainer.examples.example import Examples, Place, Purpose, WordsExample
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.conll_examples import CONLL_ENDINGS, read_conll
from trainer.examples.files.ids import row_ids, with_distinct_ids
from trainer.examples.files.lines import ending_of, unknown_ending
from trainer.examples.files.read_table import read_table
from trainer.examples.files.span_examples import SPANS, span_examples
from trainer.examples.files.table import Table, kind_of
from trainer.examples.files.text_examples import label_name
from trainer.examples.tags import require_entity_tags

_TOKENS = ("tokens", "words")
_TAGS = ("tags", "ner_tags", "labels", "pos_tags")
_TABLES = (".jsonl", ".ndjson", ".json", ".parquet")  # .tsv and .csv cannot hold lists


def read_words(uri: str, columns: ColumnSettings, *, purpose: Purpose = "score") -> Examples[WordsExample]:
    """The examples of a file with words, a tag for each.

    A .conll, .bio, .iob, .tsv or .txt file has a word a line, and a .conllu file is CoNLL-U. Rows of .jsonl, .json and
    .parquet files hold lists, `tokens` and `tags`, or a `text` and its `spans`.

    Args:
        uri: the file: a local path or any URI of the storage layer, compressed or not.
        columns: the names or numbers of its columns.
        purpose: "train" and "score" need a tag for every word, "score" and "predict" distinct ids.

    Raises:
        UserError: with the file and the row, what is wrong and what to do.
    """
    columns.validate()
    if ending_of(uri) in CONLL_ENDINGS:
        return read_conll(uri, columns, purpose)
    if ending_of(uri) not in _TABLES:
        raise unknown_ending(uri, (*CONLL_ENDINGS, *_TABLES))
    table = read_table(uri)
    tokens = table.column(columns.tokens_column, _TOKENS, "tokens_column")
    if tokens is None:
        if columns.text_column or "text" in table.columns:
            return span_examples(table, columns, purpose)
        raise table.missing(f"{' or '.join(_TOKENS)}, nor text with {' or '.join(SPANS)}", "tokens_column")
    return _token_examples(table, columns, tokens, purpose)


def _token_examples(table: Table, columns: ColumnSettings, tokens: str, purpose: Purpose) -> Examples[WordsExample]:
    labelled = purpose != "predict"
    tag = table.column(columns.tag_column, _TAGS, "tag_column")
    if labelled and tag is None:
        raise table.missing(" or ".join(_TAGS), "tag_column")
    found, tagged = [], []
    for name, (row, values) in zip(row_ids(table, columns), table.rows, strict=True):
        place = table.place(row)
        words = _words(values.get(tokens), place, tokens)
        tags = None if tag is None else _tags(values.get(tag), place, tag, words, table.class_names.get(tag, ()))
        if labelled and tags is None:
            raise UserError(f"{place}: has no {tag}; add a tag for each word, or remove the row")
        found.append(WordsExample(name, words, tags, place))
        tagged += [(word, of, place) for word, of in zip(words, tags or (), strict=tags is not None)]
    require_entity_tags(tagged)
    return with_distinct_ids(found, purpose, table.remarks)


def _words(value: Any, place: Place, column: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise UserError(f"{place}: {column} is {kind_of(value)}, not a list of words; write a list of strings")
    if not value:
        raise UserError(f"{place}: {column} holds no word; remove the row")
    for number, word in enumerate(value, 1):
        if not isinstance(word, str):
            raise UserError(f"{place}: word {number} of {column} is {kind_of(word)}, not text; write it as a string")
        if not word.strip():
            raise UserError(f"{place}: word {number} of {column} is empty; remove it and its tag")
    return tuple(value)


def _tags(
    value: Any, place: Place, column: str, words: Sequence[str], class_names: Sequence[str]
) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise UserError(f"{place}: {column} is {kind_of(value)}, not a list of tags; write one tag for each word")
    if len(value) != len(words):
        raise UserError(f"{place}: has {len(words)} words, but {len(value)} {column}; write one for each word")
    return tuple(label_name(tag, place, column, class_names) for tag in value)
