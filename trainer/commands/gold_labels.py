"""What is right for each example of a labelled file, in the form of `Predictions`."""

from collections.abc import Mapping
from typing import Any

from beam_jobs.errors import UserError
from trainer.examples.example import TextExample
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.question_examples import read_questions
from trainer.examples.files.read_table import read_table
from trainer.examples.files.text_examples import LabelKind, has_pairs, read_texts
from trainer.examples.files.word_examples import read_words
from trainer.scores.comparison.aligned_runs import some_of
from trainer.scores.predictions import Kind, Predictions


def with_gold_of(predictions: Predictions, name: str, uri: str, columns: ColumnSettings) -> Predictions:
    """The predictions with the gold of a labelled file, by id; the order of the file does not matter.

    `name` is what messages call the predictions. Raises UserError if the file cannot be read, and if one side has ids that
    the other has not.
    """
    gold = gold_labels(predictions.kind, uri, columns)
    given = set(predictions.ids)
    if missing := [id for id in gold if id not in given]:
        raise UserError(
            f"{name} has no prediction for {len(missing)} of the {len(gold)} examples of {uri} (ids {some_of(missing)}); "
            "predict this file, or name the one that was predicted"
        )
    if unknown := [id for id in predictions.ids if id not in gold]:
        raise UserError(
            f"{uri} has no example for {len(unknown)} of the {len(given)} predictions of {name} (ids {some_of(unknown)}); "
            "name the file that was predicted"
        )
    return predictions.with_gold(gold)


def gold_labels(kind: Kind, uri: str, columns: ColumnSettings) -> Mapping[str, Any]:
    """The gold by id, in the order of the file. Raises UserError if the file cannot be read or is not labelled."""
    match kind:
        case "classification":
            return {example.id: (example.labels or ("",))[0] for example in _texts(uri, columns, "one")}
        case "multi_label":
            return {example.id: example.labels or () for example in _texts(uri, columns, "several")}
        case "regression":
            return {example.id: example.value for example in _texts(uri, columns, "number")}
        case "tagging":
            return {example.id: example.tags or () for example in read_words(uri, columns).examples}
        case "answering":
            questions = read_questions(uri, columns).examples
            return {example.id: tuple(answer.text for answer in example.answers or ()) for example in questions}


def _texts(uri: str, columns: ColumnSettings, kind: LabelKind) -> tuple[TextExample, ...]:
    pairs = bool(columns.pair_column) or (not columns.text_column and has_pairs(read_table(uri)))
    return read_texts(uri, columns, kind, pairs=pairs).examples
