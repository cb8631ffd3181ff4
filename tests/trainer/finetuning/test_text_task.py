import numpy as np
import pytest
from tiny_tasks import write_lines

from beam_jobs.errors import UserError
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.labels import Labels
from trainer.export.finetuned.task_form import NUMBER, SEVERAL, SINGLE
from trainer.finetuning.settings import TaskSettings
from trainer.finetuning.text_task import TextTask, problem_of

SENTIMENT = [
    {"id": 7, "text": "god film", "label": "positiv"},
    {"id": 8, "text": "dårlig film", "label": "negativ"},
    {"id": 9, "text": "en god bok", "label": "positiv"},
]


@pytest.fixture
def task(pieces):
    def task(name="classify", labels=("negativ", "positiv"), columns=ColumnSettings(), **own):  # noqa: B008
        return TextTask(TaskSettings(name, max_seq_length=16, **own), Labels(labels), pieces, columns)

    return task


@pytest.fixture
def read(tmp_path):
    def read(data, rows, purpose="train"):
        return data.read(write_lines(tmp_path / "rows.jsonl", rows), purpose)[0]

    return read


def test_problems_are_those_of_transformers():
    names = [problem_of(TaskSettings(*of)) for of in (("classify",), ("pairs", True), ("regress",))]
    assert names == [SINGLE, SEVERAL, NUMBER]


def test_one_label(task, read):
    data = task()
    examples = read(data, SENTIMENT)
    encoded = data.encode(examples, labelled=True)
    assert encoded.fields.per_row["labels"].tolist() == [1, 0, 1]
    logits = [np.array(values, np.float32) for values in ([0.0, 2.0], [1.0, 3.0], [5.0, 5.0])]
    found = data.predict(examples, encoded, logits)
    assert [row["label"] for row in found.rows] == ["positiv", "positiv", "negativ"], "of equals the first"
    assert [row["id"] for row in found.rows] == ["7", "8", "9"]
    assert found.rows[0]["probabilities"] == pytest.approx(
        {"negativ": 1 / (1 + np.e**2), "positiv": 1 / (1 + np.e**-2)}
    )
    assert found.predictions.gold == ("positiv", "negativ", "positiv")
    assert data.baseline(examples, examples[:2]).predicted == ("positiv", "positiv")
    assert data.class_weights(examples) == pytest.approx((1.5, 0.75))


def test_a_label_that_the_model_has_not_is_named_with_its_row(task, read, tmp_path):
    data = task(labels=("negativ", "nøytral"))
    with pytest.raises(UserError, match=r"rows\.jsonl:1: the label 'positiv' \(in all 2 times\) is none of"):
        data.encode(read(data, SENTIMENT), labelled=True)


def test_several_labels(task, read):
    data = task("classify", ("musikk", "sport"), several_labels=True)
    examples = read(data, [{"text": "film", "labels": ["sport", "musikk"]}, {"text": "bok", "labels": []}])
    encoded = data.encode(examples, labelled=True)
    assert encoded.fields.per_row["targets"].tolist() == [[1.0, 1.0], [0.0, 0.0]]
    found = data.predict(examples, encoded, [np.array([0.0, 3.0], np.float32), np.array([-1.0, -2.0], np.float32)])
    assert [row["labels"] for row in found.rows] == [["musikk", "sport"], []]
    assert found.predictions.predicted == (("musikk", "sport"), ())
    assert data.baseline(examples, examples).predicted == (("musikk", "sport"), ("musikk", "sport"))
    assert data.class_weights(examples) == (1.0, 1.0)


def test_a_number(task, read):
    data = task("regress", ())
    examples = read(data, [{"text": "film", "score": 1.5}, {"text": "bok", "score": -1}])
    encoded = data.encode(examples, labelled=True)
    assert encoded.fields.per_row["targets"].tolist() == [1.5, -1.0]
    found = data.predict(examples, encoded, [np.array([0.5], np.float32), np.array([2.0], np.float32)])
    assert [row["value"] for row in found.rows] == [0.5, 2.0]
    assert data.baseline(examples, examples).predicted == (0.25, 0.25)


def test_pairs_and_no_labels(task, read):
    data = task("pairs")
    examples = read(data, [{"text": "film", "text_pair": "en bok"}], "predict")
    encoded = data.encode(examples, labelled=False)
    assert encoded.fields.per_piece["segment_ids"][0].tolist() == [0, 0, 0, 1, 1, 1]
    found = data.predict(examples, encoded, [np.array([0.0, 1.0], np.float32)])
    assert (found.rows[0]["label"], found.predictions.gold) == ("positiv", None)


def test_what_is_cut_is_told(task, read):
    data = task()
    encoded = data.encode(read(data, [{"text": "god " * 40, "label": "positiv"}]), labelled=True)
    assert "1 of 1 texts are longer than --max_seq_length 16" in encoded.remarks[0]
