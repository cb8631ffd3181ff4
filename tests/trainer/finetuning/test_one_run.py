"""A run of each task from its files to its scores, whole and interrupted."""

import dataclasses
import json
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from beam_jobs.errors import UserError
from trainer.export.finetuned.load_finetuned import load_finetuned
from trainer.finetuning.one_run import failed
from trainer.finetuning.run_files import TaskRecord
from trainer.finetuning.runs import finetune
from trainer.plans.settings import Initialisation
from trainer.run.run_export import run_to_export
from trainer.training.initial_network import read_initial

pytestmark = pytest.mark.usefixtures("quick_compilation")

CHILD = str(Path(__file__).with_name("child_of_test_one_run.py"))
ENOUGH = {"classify": 0.9, "tag": 0.6, "answer": 0.6}


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("task", ENOUGH)
def test_a_run_learns_and_writes_everything(task, tuned, files):
    output, scores = tuned(task)
    assert scores == json.loads((output / "scores.json").read_text())
    assert scores["dev"]["scores"][scores["metric"]] >= ENOUGH[task] > scores["baseline"]["dev"][scores["metric"]]
    assert scores["failed"] is False
    for part in ("dev", "test"):
        rows, wanted = lines(output / "predictions" / f"{part}.jsonl"), lines(Path(files[f"{task}_{part}"]))
        assert [row["id"] for row in rows] == [str(row["id"]) for row in wanted], "each example once, in order"
        assert scores[part]["examples"] == len(wanted)
    record = TaskRecord.from_bytes((output / "labels.json").read_bytes(), "labels.json")
    export = load_finetuned(output / "hugging_face")
    assert (record.labels, record.settings.task) == (export.form.labels, task)
    assert (output / "hugging_face" / "labels.json").read_bytes() == (output / "labels.json").read_bytes()
    assert {"plan.json", "metrics.jsonl", "run_logs.json", "checkpoints", "vocab.txt"} <= {
        path.name for path in output.iterdir()
    }


def test_the_best_epoch_is_the_one_that_is_kept(tuned):
    output, scores = tuned("classify")
    evaluations = [row for row in lines(output / "metrics.jsonl") if row["kind"] == "evaluation"]
    assert [row["step"] for row in evaluations] == [6, 12, 18, 24]
    best = max(evaluations, key=lambda row: row["macro_f1"])
    assert (scores["step"], scores["dev"]["scores"]["macro_f1"]) == (best["step"], best["macro_f1"])


def test_squads_files_are_there(tuned, files):
    output, scores = tuned("answer")
    answers = json.loads((output / "predictions" / "dev_predictions.json").read_text())
    odds = json.loads((output / "predictions" / "dev_null_odds.json").read_text())
    contexts = {row["id"]: row["context"] for row in lines(Path(files["answer_dev"]))}
    assert answers.keys() == odds.keys() == contexts.keys()
    assert all(answer in contexts[name] for name, answer in answers.items())
    assert scores["dev"]["unanswerable"] == 6
    assert "best_f1_threshold" in scores["dev"]["scores"]


def test_a_finished_run_is_not_done_again(tuned, settings_of, files, monkeypatch):
    output, scores = tuned("classify")
    before = (output / "scores.json").stat().st_mtime_ns
    again = finetune(settings_of("classify", output, test=files["classify_test"]))
    assert again == scores
    assert (output / "scores.json").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_seq_length": 32}, "max_seq_length is 16 there and 32 in this plan"),
        ({"head_dropout": 0.2}, "head_dropout is 0.1 there and 0.2"),
        ({"learning_rate": (2e-3,)}, "peak is 0.01 there and 0.002"),
        ({"labels": ("positiv", "negativ")}, "labels is"),
    ],
)
def test_a_run_of_other_settings_is_refused(changes, message, tuned, settings_of):
    with pytest.raises(UserError, match=f"holds another run: .*{message}"):
        finetune(settings_of("classify", tuned("classify")[0], **changes))


def test_a_fine_tuned_run_is_not_taken_for_one_of_pretraining(tuned):
    folder = str(tuned("classify")[0])
    with pytest.raises(UserError, match=r"is a fine-tuned run, whose model is exported already; take .*/hugging_face"):
        run_to_export(folder, None, vocab_file="", lower_case=None, with_tokenizer=True)
    with pytest.raises(
        UserError, match=r"is a fine-tuned run, without heads of pretraining; begin with .*/hugging_face"
    ):
        read_initial(Initialisation(folder))


def assert_same(output, reference):
    """Equal scores, predictions and weights."""
    for name in ("scores.json", "predictions/dev.jsonl", "predictions/test.jsonl"):
        assert (output / name).read_bytes() == (reference / name).read_bytes(), name
    weights, wanted = (load_file(folder / "hugging_face" / "model.safetensors") for folder in (output, reference))
    assert weights.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_array_equal(weights[name], value, err_msg=name)


def test_a_run_in_two_launches_is_the_run_in_one(tuned, settings_of, files, tmp_path):
    settings = settings_of("classify", tmp_path / "run", test=files["classify_test"])
    assert finetune(dataclasses.replace(settings, max_steps=8)) is None
    assert not (tmp_path / "run" / "scores.json").exists()
    finetune(settings)
    assert_same(tmp_path / "run", tuned("classify")[0])


def test_a_run_that_is_killed_ends_as_one_that_is_not(tuned, settings_of, files, tmp_path, quick_compilation):
    output = tmp_path / "run"
    settings = settings_of("classify", output, test=files["classify_test"])
    (tmp_path / "settings").write_bytes(pickle.dumps(settings))
    environment = {**os.environ, **quick_compilation, "JAX_PLATFORMS": "cpu"}
    child = subprocess.Popen(
        [sys.executable, CHILD, str(tmp_path / "settings"), "0.3"], env=environment, stderr=subprocess.PIPE
    )
    try:
        end = time.monotonic() + 500
        while not (output / "checkpoints" / "12").exists():
            assert child.poll() is None, child.stderr.read().decode()
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        child.kill()
        child.communicate()
    assert not (output / "scores.json").exists()
    finetune(settings)
    assert_same(output, tuned("classify")[0])


def test_who_is_no_better_than_counting_has_failed():
    baseline = {"kind": "classification", "metric": "macro_f1", "scores": {"accuracy": 0.7, "macro_f1": 0.4}}
    assert failed(baseline, baseline)
    weighted = {**baseline, "scores": {"accuracy": 0.68, "macro_f1": 0.64}}
    assert not failed(weighted, baseline), "rare labels were worth more than the accuracy"
    tags = {"kind": "tagging", "metric": "micro_f1", "scores": {"accuracy": 0.9, "micro_f1": 0.0}}
    assert failed(tags, tags)
