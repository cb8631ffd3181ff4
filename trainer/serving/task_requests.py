"""Requests for what a fine-tuned model says: labels, numbers, tags, answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from beam_jobs.errors import UserError
from trainer.examples.example import Place, QuestionExample, TextExample, WordsExample
from trainer.examples.files.span_words import word_spans
from trainer.finetuning.settings import PAIRS, TAG
from trainer.finetuning.task_data import EncodedExamples, TaskData
from trainer.model.task_heads import LOGITS
from trainer.serving.embed_requests import TRUNCATE, too_long
from trainer.serving.fields import Field, a_list, a_text, kind, number_field, text_field, wrong
from trainer.serving.load import TASK
from trainer.serving.row_queue import Outputs, Row
from trainer.serving.served_model import Prepared, ServedModel

_TEXT, _PAIR, _WORDS = "text", "pair", "words"
_QUESTION, _CONTEXT = "question", "context"
_MOST_ANSWERS = 20


def _example(value: Any, name: str) -> dict[str, Any]:
    if isinstance(value, str):
        return {_TEXT: value}
    return _object(
        value,
        name,
        {_TEXT: a_text, _PAIR: a_text, _WORDS: _words},
        "a text, or an object of text and pair, or of words",
    )


def _question(value: Any, name: str) -> dict[str, Any]:
    return _object(value, name, {_QUESTION: a_text, _CONTEXT: a_text}, "an object of question and context")


def _object(value: Any, name: str, known: Mapping[str, Any], wanted: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(name, f"is {kind(value)}; send {wanted}")
    for key in value:
        if key not in known:
            raise wrong(f"{name}.{key[:60]}", f"is no field here; there are {', '.join(known)}")
    return {key: known[key](part, f"{name}.{key}") for key, part in value.items() if part is not None}


def _words(value: Any, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise wrong(name, "is no list of words; send one or more strings")
    words = a_list(value, name, a_text)
    for number, word in enumerate(words):
        if not word.strip():
            raise wrong(f"{name}[{number}]", "is empty; leave it out")
    return words


_TEXT_SCHEMA = {"type": "string"}
_EXAMPLE_SCHEMA = {
    "oneOf": [
        _TEXT_SCHEMA,
        {"type": "object", "required": [_TEXT], "properties": {_TEXT: _TEXT_SCHEMA, _PAIR: _TEXT_SCHEMA}},
        {"type": "object", "required": [_WORDS], "properties": {_WORDS: {"type": "array", "items": _TEXT_SCHEMA}}},
    ]
}
_QUESTION_SCHEMA = {
    "type": "object",
    "required": [_QUESTION, _CONTEXT],
    "properties": {_QUESTION: _TEXT_SCHEMA, _CONTEXT: _TEXT_SCHEMA},
}


def _one_or_more(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"oneOf": [schema, {"type": "array", "items": schema}]}


PREDICT_FIELDS = (
    Field(
        "inputs",
        'a text, {"text", "pair"} or {"words": [...]}; or a list of them',
        _one_or_more(_EXAMPLE_SCHEMA),
        lambda value, name: a_list(value, name, _example),
        needed=True,
    ),
    TRUNCATE,
)
ANSWER_FIELDS = (
    text_field(_QUESTION, "the question, beside context; or send inputs"),
    text_field(_CONTEXT, "the text in which the answer is looked for, of any length"),
    Field(
        "inputs",
        'in place of these two: {"question", "context"}, or a list of them',
        _one_or_more(_QUESTION_SCHEMA),
        lambda value, name: a_list(value, name, _question),
    ),
    number_field("n_best", "how many spans are given for each question", 3, 0, _MOST_ANSWERS),
    TRUNCATE,
)


def predict_texts(model: ServedModel, values: Mapping[str, Any]) -> Prepared:
    """`POST /predict`."""
    task = _task_of(model)
    make = _words_example if task.settings.task == TAG else _text_example
    examples = [make(task, value, number) for number, value in enumerate(values["inputs"])]
    encoded = _encoded(task, examples)
    cut = {row.example: row.cut for row in encoded.rows if getattr(row, "cut", 0)}
    if cut and not values["truncate"]:
        number, length = next(iter(cut)), task.settings.max_seq_length
        raise too_long(f"inputs[{number}]", length + cut[number], length)

    def finish(logits: Sequence[np.ndarray]) -> dict[str, Any]:
        found = task.predict(examples, encoded, logits).rows if examples else ()
        return {"predictions": [_told(row, number in cut) for number, row in enumerate(found)]}

    return Prepared(_rows(encoded), finish, tuple(cut))


def answer_questions(model: ServedModel, values: Mapping[str, Any]) -> Prepared:
    """`POST /answer`."""
    task, n_best = _task_of(model), values["n_best"]
    inputs = values["inputs"]
    alone = {name: values[name] for name in (_QUESTION, _CONTEXT) if values[name] is not None}
    if (inputs is not None) == bool(alone):
        raise wrong("inputs", "or question and context are needed, and not both; send one of the two")
    if inputs is None:
        inputs = (alone,)
    examples = []
    for number, value in enumerate(inputs):
        for name in (_QUESTION, _CONTEXT):
            if not value.get(name, "").strip():
                where = name if alone else f"inputs[{number}].{name}"
                raise wrong(
                    where, "is missing or empty; send a question and the text in which its answer is looked for"
                )
        examples.append(QuestionExample(str(number), value[_QUESTION], value[_CONTEXT], None, Place("inputs", number)))
    encoded = _encoded(task, examples)
    cut = {row.example: row.question_cut for row in encoded.rows if row.question_cut}
    if cut and not values["truncate"]:
        number, length = next(iter(cut)), task.settings.max_question_length
        raise too_long(_QUESTION if alone else f"inputs[{number}].{_QUESTION}", length + cut[number], length)

    def finish(logits: Sequence[np.ndarray]) -> dict[str, Any]:
        found = task.predict(examples, encoded, logits).rows if examples else ()
        shown = [{**row, "n_best": row["n_best"][:n_best]} for row in found]
        return {"answers": [_told(row, number in cut) for number, row in enumerate(shown)]}

    return Prepared(_rows(encoded), finish, tuple(cut))


def _text_example(task: TaskData, value: Mapping[str, Any], number: int) -> TextExample:
    if _TEXT not in value or _WORDS in value:
        raise wrong(f"inputs[{number}]", "has no text, or has words, which a tagger reads; send text")
    if task.settings.task == PAIRS and _PAIR not in value:
        raise wrong(f"inputs[{number}].{_PAIR}", "is missing; this model reads two texts")
    return TextExample(str(number), value[_TEXT], value.get(_PAIR), None, None, Place("inputs", number))


def _words_example(task: TaskData, value: Mapping[str, Any], number: int) -> WordsExample:
    place = Place("inputs", number)
    if _PAIR in value or (_TEXT in value) == (_WORDS in value):
        raise wrong(f"inputs[{number}]", "must have text or words, one of them; this model tags words")
    if _WORDS in value:
        return WordsExample(str(number), value[_WORDS], None, place)
    text = value[_TEXT]
    offsets = word_spans(text)
    if not offsets:
        raise wrong(f"inputs[{number}]", "holds no word; leave it out")
    words = tuple(text[start:end] for start, end in offsets)
    return WordsExample(str(number), words, None, place, text, offsets)


def _task_of(model: ServedModel) -> TaskData:
    assert model.task is not None, "the endpoint is served only if there is one"
    return model.task


def _encoded(task: TaskData, examples: Sequence[Any]) -> EncodedExamples:
    try:
        return task.encode(examples, labelled=False)
    except UserError as error:
        raise wrong("inputs", f"cannot be read: {error}") from None


def _rows(encoded: EncodedExamples) -> list[Row]:
    return [_row(row.ids, row.segment_ids) for row in encoded.rows]


def _row(ids: np.ndarray, segment_ids: np.ndarray) -> Row:
    def reduce(outputs: Outputs) -> np.ndarray:
        logits = outputs[LOGITS]
        return (logits[: len(ids)] if logits.ndim == 2 else logits).copy()

    return Row(TASK, {"input_ids": ids, "segment_ids": segment_ids}, reduce)


def _told(row: Mapping[str, Any], truncated: bool) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name != "id"}
    return {**shown, "truncated": True} if truncated else shown
