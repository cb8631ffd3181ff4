import sys

import pytest

from beam_jobs.errors import UserError
from trainer import api
from trainer.export import loaded_model


def test_a_folder_is_loaded(monkeypatch):
    monkeypatch.setattr(loaded_model, "load_model", lambda folder: ("model", folder))
    assert api.load("folder") == ("model", "folder")


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "trainer.export.loaded_model", None)
    with pytest.raises(UserError, match=r"is not installed; pip install 'beambert\[trainer\]' has all"):
        api.load("folder")


def test_a_backend_that_the_trainer_does_not_know_is_told_first(monkeypatch):
    def refuse():
        raise UserError("no such backend")

    monkeypatch.setattr(api, "require_backend", refuse)
    with pytest.raises(UserError, match="no such backend"):
        api.load("folder")


@pytest.fixture
def asked(monkeypatch):
    """What the functions below the surface are asked for."""
    from trainer.finetuning import predict, runs
    from trainer.finetuning.task_data import Predicted

    seen = []
    monkeypatch.setattr(runs, "finetune", lambda settings: seen.append(settings) or {"scores": 1})
    monkeypatch.setattr(predict, "predict", lambda *given: seen.append(given) or Predicted(({"label": "a"},), None))
    return seen


def test_fine_tuning_takes_the_settings_by_their_names(asked):
    from trainer.examples.files.column_settings import ColumnSettings
    from trainer.finetuning.settings import FinetuneSettings, TaskSettings

    made = api.finetune(
        "tag", model="m", train="t.conll", dev="d.conll", output="o", learning_rate=1e-4, seeds=2, tag_column="2"
    )
    assert made == {"scores": 1}
    api.finetune("classify", model="m", train=["a", "b"], dev="d", output="o", max_seq_length=64, labels=["x", "y"])
    assert asked == [
        FinetuneSettings(
            TaskSettings("tag"),
            "m",
            ("t.conll",),
            "d.conll",
            "o",
            columns=ColumnSettings(tag_column="2"),
            learning_rate=(1e-4,),
            seeds=2,
        ),
        FinetuneSettings(TaskSettings("classify", max_seq_length=64), "m", ("a", "b"), "d", "o", labels=("x", "y")),
    ]


def test_predictions_are_rows(asked):
    from trainer.examples.files.column_settings import ColumnSettings
    from trainer.finetuning.predict import PredictSettings

    assert api.predict("m", "f.jsonl", batch=8, text_column="a", pair_column="b") == [{"label": "a"}]
    columns = ColumnSettings(text_column="a", pair_column="b")
    assert asked == [("m", "f.jsonl", PredictSettings(columns, 8, None, True))]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: api.finetune("tag", model="m", train="t", dev="d", output="o", rate=1),
            "finetune has no setting rate",
        ),
        (lambda: api.finetune("sing", model="m", train="t", dev="d", output="o"), "task is 'sing'"),
        (lambda: api.predict("m", "f", bach=1), "predict has no setting bach; there are batch, null_threshold, pairs"),
    ],
)
def test_a_wrong_setting_is_one_line(asked, call, message):
    with pytest.raises(UserError, match=message):
        call()
    assert asked == []
