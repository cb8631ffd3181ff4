import dataclasses

import numpy as np
import pytest
from tiny_tasks import write_lines

from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.labels import Labels
from trainer.finetuning.answer_task import AnswerTask
from trainer.finetuning.settings import TaskSettings

CONTEXT = "Ola bor i Bergen . " + "en bok var god . " * 4 + "Kari bor i Oslo ."
ROWS = [
    {
        "id": "q1",
        "question": "hvor bor Kari",
        "context": CONTEXT,
        "answers": [{"text": "Oslo", "answer_start": CONTEXT.index("Oslo")}],
    },
    {"id": "q2", "question": "hvor bor en bok", "context": "Kari bor i Oslo", "answers": []},
]


@pytest.fixture
def data(pieces):
    settings = TaskSettings("answer", max_seq_length=16, window_overlap=3, max_question_length=4)
    return AnswerTask(settings, Labels(()), pieces, ColumnSettings())


@pytest.fixture
def examples(data, tmp_path):
    return data.read(write_lines(tmp_path / "rows.jsonl", ROWS), "train")[0]


def logits_for(encoded):
    """Logits that say what the labels say."""
    found = []
    starts, ends = (encoded.fields.per_row[f"{name}_positions"] for name in ("start", "end"))
    for row, start, end in zip(encoded.rows, starts, ends, strict=True):
        values = np.zeros((len(row.ids), 2), np.float32)
        values[start, 0], values[end, 1] = 5.0, 5.0
        found.append(values)
    return found


def test_an_answer_in_one_of_several_windows_is_found_with_its_place(data, examples):
    encoded = data.encode(examples, labelled=True)
    assert len(encoded.rows) > 3
    found = data.predict(examples, encoded, logits_for(encoded))
    first, second = found.rows
    assert (first["answer"], CONTEXT[first["start"] : first["end"]]) == ("Oslo", "Oslo")
    assert (second["answer"], second["start"]) == ("", None)
    assert found.predictions.predicted == ("Oslo", "")
    assert found.predictions.gold == (("Oslo",), ())
    assert found.predictions.null_odds is not None


def test_a_model_that_only_learned_answers_always_gives_one(data, examples):
    always = dataclasses.replace(data, settings=dataclasses.replace(data.settings, null_threshold=None))
    encoded = always.encode(examples, labelled=True)
    found = always.predict(examples, encoded, logits_for(encoded))
    assert all(found.predictions.predicted)
    assert (found.predictions.null_odds, found.predictions.best_spans) == (None, None)


def test_nobody_who_counts_knows_an_answer(data, examples):
    assert data.baseline(examples, examples).predicted == ("", "")
    assert (data.form.labels, data.class_weights(examples), data.task(0.1, ()).figures) == (
        (),
        (),
        ("loss", "accuracy"),
    )
