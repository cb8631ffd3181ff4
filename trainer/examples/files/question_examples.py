"""Questions about contexts: SQuAD's JSON, versions 1.1 and 2.0 (Rajpurkar et al. 2016, 2018), and rows of the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from beam_jobs.errors import UserError
from trainer.examples.example import Answer, Examples, Place, Purpose, QuestionExample
from trainer.examples.files.column_settings import NUMBERED, ColumnSettings
from trainer.examples.files.ids import id_text, row_ids, with_distinct_ids
from trainer.examples.files.json_rows import read_json
from trainer.examples.files.lines import ending_of
from trainer.examples.files.read_table import read_table
from trainer.examples.files.table import Table, kind_of

_STARTS = ("answer_start", "start")
_Read = tuple[QuestionExample, bool]  # whether an offset was corrected


def read_questions(uri: str, columns: ColumnSettings, *, purpose: Purpose = "score") -> Examples[QuestionExample]:
    """The examples of a file: .json in SQuAD's form, or rows of any format with context, question and answers.

    In a row, answers are `{"text": [...], "answer_start": [...]}`, as Hugging Face's `datasets` flattens SQuAD, or a list of
    `{"text", "answer_start"}`. No answers, or `is_impossible`, mean that the context has none. Offsets count characters
    (code points). One that counts units of UTF-16, as JavaScript does, or bytes of UTF-8, finds its answer behind an
    emoji or a letter with accents too late; where the answer stands just there, it is corrected, and a remark counts these.

    Args:
        uri: the file: a local path or any URI of the storage layer, compressed or not.
        columns: the names of the columns of rows.
        purpose: "train" and "score" need the answers of every question, or that it is said to have none; "score" and
            "predict" need distinct ids.

    Raises:
        UserError: with the file and the number of the question or the row, what is wrong and what to do; above all for an
            answer that is not at its offset.
    """
    columns.validate()
    if ending_of(uri) == ".json":
        content, opened = read_json(uri)
        if isinstance(content, dict) and _is_squad(content.get("data")):
            found = list(_questions_of_squad(content["data"], uri, columns, purpose != "predict"))
            if not found:
                raise UserError(f"{uri}: has no questions; name a file with questions")
            return _examples(found, purpose, opened.remarks)
    return _questions_of_rows(read_table(uri), columns, purpose)


def _examples(found: list[_Read], purpose: Purpose, remarks: tuple[str, ...]) -> Examples[QuestionExample]:
    moved = [example.place.row for example, corrected in found if corrected]
    if moved:
        shown = ", ".join(map(str, moved[:5])) + (", ..." if len(moved) > 5 else "")
        remarks = (
            *remarks,
            f"{found[0][0].place.file}: corrected the offsets of {len(moved)} answers, which count bytes or UTF-16: {shown}",
        )
    return with_distinct_ids([example for example, _ in found], purpose, remarks)


def _is_squad(data: Any) -> bool:
    return isinstance(data, list) and any(isinstance(article, dict) and "paragraphs" in article for article in data)


def _questions_of_squad(data: list[Any], uri: str, columns: ColumnSettings, labelled: bool) -> Iterator[_Read]:
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
                question = _text(entry, "question", place)
                name = (
                    str(number)
                    if columns.id_column == NUMBERED
                    else id_text(entry.get(columns.id_column or "id"), place)
                )
                answers, corrected = _answers(entry, "answers", context, place, labelled)
                yield QuestionExample(name, question, context, answers, place, str(title)), corrected


def _list(value: Any, key: str, where: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise UserError(f"{where} has no list {key}; mend it")
    return found


def _questions_of_rows(table: Table, columns: ColumnSettings, purpose: Purpose) -> Examples[QuestionExample]:
    labelled = purpose != "predict"
    question = table.needed(columns.question_column, ("question",), "question_column")
    context = table.needed(columns.context_column, ("context",), "context_column")
    answers = table.column(columns.answers_column, ("answers",), "answers_column") or "answers"
    if labelled and answers not in table.columns and "is_impossible" not in table.columns:
        raise table.missing(answers, "answers_column")
    found = []
    for name, (row, values) in zip(row_ids(table, columns), table.rows, strict=True):
        place = table.place(row)
        text = _text(values, context, place)
        given, corrected = _answers(values, answers, text, place, labelled)
        title = values.get("title")
        title = title if isinstance(title, str) else ""
        asked = _text(values, question, place)
        found.append((QuestionExample(name, asked, text, given, place, title), corrected))
    return _examples(found, purpose, table.remarks)


def _text(values: Mapping[str, Any], key: str, place: Place) -> str:
    value = values.get(key) if isinstance(values, Mapping) else None
    if not isinstance(value, str):
        raise UserError(f"{place}: {key} is {kind_of(value)}, not text; write it as a string")
    if not value.strip():
        raise UserError(f"{place}: {key} is empty; remove the question")
    return value


def _answers(
    values: Mapping[str, Any], key: str, context: str, place: Place, labelled: bool
) -> tuple[tuple[Answer, ...] | None, bool]:
    """The answers of a question, and whether an offset of theirs had to be corrected."""
    impossible, given = values.get("is_impossible"), values.get(key)
    if given is None and not impossible:
        if labelled:
            raise UserError(f"{place}: has no {key}; add them, or an empty list if the context has no answer")
        return None, False
    pairs = _pairs(given, key, place)
    answers = tuple(_answer(text, start, context, place) for text, start in pairs)
    if impossible and answers:
        raise UserError(f"{place}: is_impossible is true, but there are {key}; correct one of them")
    return answers, any(answer.start != start for answer, (_, start) in zip(answers, pairs, strict=True))


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
    if start >= 0 and context.startswith(text, start):
        return Answer(text, start)
    for encoding, size in (("utf-16-le", 2), ("utf-8", 1)):
        before = len(context.encode(encoding)[: max(start, 0) * size].decode(encoding, "ignore"))
        if context.startswith(text, before) and before != max(start, 0):
            return Answer(text, before)
    at = context.find(text)
    hint = "it stands nowhere in it: copy it from there letter by letter"
    hint = f"it stands at {at}: correct answer_start" if at >= 0 else hint
    raise UserError(f"{place}: the answer {text[:40]!r} is not at character {start} of its context; {hint}")
