"""Questions about contexts: SQuAD's JSON, versions 1.1 and 2.0 (Rajpurkar et al. 2016, 2018), and rows of the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from beam_jobs.errors import UserError
from trainer.examples.example import Answer, Examples, Place, QuestionExample
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.ids import id_text, require_distinct, row_ids
from trainer.examples.files.json_rows import read_json
from trainer.examples.files.lines import ending_of
from trainer.examples.files.read_table import read_table
from trainer.examples.files.table import Table, kind_of

_STARTS = ("answer_start", "start")


def read_questions(uri: str, columns: ColumnSettings, *, labelled: bool = True) -> Examples[QuestionExample]:
    """The examples of a file: .json in SQuAD's form, or rows of any format with context, question and answers.

    In a row, answers are `{"text": [...], "answer_start": [...]}`, as Hugging Face's `datasets` flattens SQuAD, or a list of
    `{"text", "answer_start"}`. No answers, or `is_impossible`, mean that the context has none.

    Args:
        uri: the file: a local path or any URI of the storage layer, compressed or not.
        columns: the names of the columns of rows.
        labelled: whether every question must have answers, or be said to have none.

    Raises:
        UserError: with the file and the number of the question or the row, what is wrong and what to do; above all for an
            answer that is not at its offset.
    """
    columns.validate()
    if ending_of(uri) == ".json":
        content, opened = read_json(uri)
        if isinstance(content, dict) and _is_squad(content.get("data")):
            found = tuple(_questions_of_squad(content["data"], uri, labelled))
            if not found:
                raise UserError(f"{uri}: has no questions; name a file with questions")
            require_distinct((example.id, example.place) for example in found)
            return Examples(found, opened.remarks)
    return _questions_of_rows(read_table(uri), columns, labelled)


def _is_squad(data: Any) -> bool:
    return isinstance(data, list) and any(isinstance(article, dict) and "paragraphs" in article for article in data)


def _questions_of_squad(data: list[Any], uri: str, labelled: bool) -> Iterator[QuestionExample]:
    number = 0
    for article in data:
        for paragraph in _list(article, "paragraphs", f"{uri}: an article before question {number + 1}"):
            where = f"{uri}: a paragraph before question {number + 1}"
            for entry in _list(paragraph, "qas", where):
                number += 1
                place = Place(uri, number)
                if not isinstance(entry, dict):
                    raise UserError(f"{place}: the question is {kind_of(entry)}, not an object; mend it")
                context, title = _text(paragraph, "context", place), article.get("title") or ""
                question, answers = (
                    _text(entry, "question", place),
                    _answers(entry, "answers", context, place, labelled),
                )
                name = id_text(entry.get("id"), place)
                yield QuestionExample(name, question, context, answers, place, str(title))


def _list(value: Any, key: str, where: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise UserError(f"{where} has no list {key}; mend it")
    return found


def _questions_of_rows(table: Table, columns: ColumnSettings, labelled: bool) -> Examples[QuestionExample]:
    question = table.needed(columns.question_column, ("question",), "question_column")
    context = table.needed(columns.context_column, ("context",), "context_column")
    answers = table.column(columns.answers_column, ("answers",), "answers_column") or "answers"
    if labelled and answers not in table.columns and "is_impossible" not in table.columns:
        raise table.missing(answers, "answers_column")
    found = []
    for name, (row, values) in zip(row_ids(table, columns), table.rows, strict=True):
        place = table.place(row)
        text = _text(values, context, place)
        given = _answers(values, answers, text, place, labelled)
        title = values.get("title")
        asked = _text(values, question, place)
        found.append(QuestionExample(name, asked, text, given, place, title if isinstance(title, str) else ""))
    return Examples(tuple(found), table.remarks)


def _text(values: Mapping[str, Any], key: str, place: Place) -> str:
    value = values.get(key) if isinstance(values, Mapping) else None
    if not isinstance(value, str):
        raise UserError(f"{place}: {key} is {kind_of(value)}, not text; write it as a string")
    if not value.strip():
        raise UserError(f"{place}: {key} is empty; remove the question")
    return value


def _answers(
    values: Mapping[str, Any], key: str, context: str, place: Place, labelled: bool
) -> tuple[Answer, ...] | None:
    impossible, given = values.get("is_impossible"), values.get(key)
    if given is None and not impossible:
        if labelled:
            raise UserError(f"{place}: has no {key}; add them, or an empty list if the context has no answer")
        return None
    answers = tuple(_answer(text, start, context, place) for text, start in _pairs(given, key, place))
    if impossible and answers:
        raise UserError(f"{place}: is_impossible is true, but there are {key}; correct one of them")
    return answers


def _pairs(given: Any, key: str, place: Place) -> list[tuple[Any, Any]]:
    if given is None:
        return []
    if isinstance(given, list):
        for answer in given:
            if not isinstance(answer, dict):
                raise UserError(f"{place}: an answer of {key} is {kind_of(answer)}, not an object; mend it")
        return [(answer.get("text"), _start(answer)) for answer in given]
    texts, starts = (given.get("text"), _start(given)) if isinstance(given, dict) else (None, None)
    if not isinstance(texts, list) or not isinstance(starts, list):
        raise UserError(f"{place}: {key} is {kind_of(given)} without lists text and answer_start; write them")
    if len(texts) != len(starts):
        raise UserError(f"{place}: {key} has {len(texts)} texts, but {len(starts)} starts; write one for each")
    return list(zip(texts, starts, strict=True))


def _start(answer: Mapping[str, Any]) -> Any:
    return next((answer[name] for name in _STARTS if name in answer), None)


def _answer(text: Any, start: Any, context: str, place: Place) -> Answer:
    if not isinstance(text, str) or not text.strip():
        what = "empty" if isinstance(text, str) else kind_of(text)
        raise UserError(f"{place}: the text of an answer is {what}; write a part of the context")
    if isinstance(start, bool) or not isinstance(start, int):
        raise UserError(
            f"{place}: answer_start of {text[:40]!r} is {kind_of(start)}, not a number of characters; mend it"
        )
    if start < 0 or context[start : start + len(text)] != text:
        raise UserError(
            f"{place}: the answer {text[:40]!r} is not at character {start} of its context{_hint(text, start, context)}"
        )
    return Answer(text, start)


def _hint(text: str, start: int, context: str) -> str:
    """Where the answer stands instead, and whether its offset counts something else than characters."""
    found = context.find(text)
    if found < 0:
        return "; it stands nowhere in it: copy it from there letter by letter"
    for encoding, size, name in (("utf-8", 1, "bytes of UTF-8"), ("utf-16-le", 2, "units of UTF-16")):
        before = context.encode(encoding, "surrogatepass")[: max(start, 0) * size].decode(encoding, "ignore")
        if context.startswith(text, len(before)):
            return f"; its offset counts {name}: count characters, {len(before)}"
    return f"; it stands at {found}: correct answer_start"
