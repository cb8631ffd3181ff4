"""The same folder by every name it has, and addresses that nobody here can read."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from beam_jobs.__main__ import main as jobs
from trainer.__main__ import main as trainer

Outcome = Callable[[Iterable[object]], tuple[int, str]]
SUPPORTED = "unknown kind of address hdfs://; use a path, file://, gs:// or s3://"


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_run_in_a_folder_named_by_a_file_uri(
    pretrain, tiny_plan, foreign_records, foreign_bert, tmp_path, capsys, monkeypatch
):
    """`--output file:///x` ended in a traceback: KeyError: 'file://'."""
    monkeypatch.chdir(tmp_path)
    run = f"file://{tmp_path}/run"
    plan = f"file://{tiny_plan(steps=3)}"
    assert pretrain(plan, f"file://{foreign_records}", run, "--max_steps", 1) == 0
    assert pretrain(plan, foreign_records, tmp_path / "run") == 0, "the same run by its other name"
    assert files_below(tmp_path / "run") >= {"plan.json", "metrics.jsonl", "run_logs.json", "run.lock"}
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2, 3, 3], "three updates, one evaluation"
    assert (tmp_path / "run" / "checkpoints" / "3").is_dir()
    model, garden = tmp_path / "model", f"file://{tmp_path}/garden"
    assert trainer(["export", "--run", run, "--output", garden, "--format", "model_garden"]) == 0
    assert (tmp_path / "garden" / "beambert_export.json").exists()
    assert pretrain(tiny_plan(), foreign_records, tmp_path / "next", "--init", run) == 0, "a run to begin with"

    foreign_bert(tmp_path / "theirs")
    there = f"file://{tmp_path}/theirs"
    given = ["--checkpoint", there, "--vocab_file", f"{there}/vocab.txt", "--output", f"file://{model}"]
    assert trainer(["export", *given]) == 0
    capsys.readouterr()
    assert trainer(["fill_mask", "--model", f"file://{model}", "the [MASK] sat"]) == 0
    assert "gap 1" in capsys.readouterr().out
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(("file:", "~"))]


def test_events_and_trace_go_where_the_run_is(tiny_plan, foreign_records, tmp_path, monkeypatch, quick_compilation):
    monkeypatch.chdir(tmp_path)
    given = ["--plan", tiny_plan(steps=3), "--data", str(foreign_records), "--output", f"file://{tmp_path}/run"]
    assert trainer(["pretrain", *given, "--profile_steps", "1-2"]) == 0
    assert list((tmp_path / "run" / "tensorboard").iterdir())
    assert files_below(tmp_path / "run" / "profile")
    assert not (tmp_path / "file:").exists()


def test_a_run_in_the_home_folder(pretrain, tiny_plan, foreign_records, foreign_bert, tmp_path, monkeypatch):
    """`--output=~/run`, which no shell expands, wrote to a folder named `~`."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(elsewhere)
    (home / "tiny.toml").write_text(Path(tiny_plan()).read_text())
    (home / "records").symlink_to(foreign_records)
    assert pretrain("~/tiny.toml", "~/records", "~/run") == 0
    assert {"plan.json", "metrics.jsonl", "checkpoints"} <= {path.name for path in (home / "run").iterdir()}
    assert trainer(["export", "--run", "~/run", "--output", "~/garden", "--format", "model_garden"]) == 0
    assert (home / "garden").is_dir()
    foreign_bert(home / "theirs")
    assert trainer(["export", "--checkpoint", "~/theirs", "--output", "~/model"]) == 0
    assert trainer(["fill_mask", "--model", "~/model", "the [MASK]"]) == 0
    assert list(elsewhere.iterdir()) == []


HDFS = "hdfs://host/x"
TRAINER = {
    "plan": ["plan", "show", HDFS],
    "plan for a run": ["pretrain", "--plan", HDFS, "--data", "DATA", "--output", "OUT"],
    "data": ["pretrain", "--plan", "demo", "--data", HDFS, "--output", "OUT"],
    "output": ["pretrain", "--plan", "PLAN", "--data", "DATA", "--output", HDFS],
    "initial checkpoint": ["pretrain", "--plan", "PLAN", "--data", "DATA", "--output", "OUT", "--init", HDFS],
    "model class": ["pretrain", "--plan", "PLAN", "--data", "DATA", "--output", "OUT", "--model_class", f"{HDFS}.json"],
    "run": ["export", "--run", HDFS, "--output", "OUT"],
    "checkpoint": ["export", "--checkpoint", HDFS, "--output", "OUT"],
    "export": ["export", "--checkpoint", "MODEL", "--output", HDFS],
    "vocabulary": ["export", "--checkpoint", "MODEL", "--output", "OUT", "--vocab_file", HDFS],
    "model": ["fill_mask", "--model", HDFS, "a [MASK]"],
}


@pytest.mark.parametrize("given", TRAINER.values(), ids=TRAINER)
def test_the_trainer_names_what_it_can_read(
    outcome: Outcome, given, foreign_records, foreign_bert, tiny_plan, tmp_path
):
    """`hdfs://` was a traceback in some places, and in others a line that named no other way."""
    places = {
        "DATA": foreign_records,
        "OUT": tmp_path / "out",
        "PLAN": tiny_plan(),
        "MODEL": foreign_bert(tmp_path / "model"),
    }
    status, said = outcome(places.get(word, word) for word in given)
    assert (status, HDFS in said, SUPPORTED in said) == (2, True, True), said
    assert not (tmp_path / "out").exists()


JOBS = {
    "raw text": ["segment", "--input", HDFS, "--output", "OUT"],
    "sentences": ["segment", "--input", "TEXT", "--output", HDFS],
    "sentence shards": ["instances", "--input", HDFS, "--output", "OUT", "--vocab_file", "VOCAB"],
    "vocabulary": ["instances", "--input", "TEXT", "--output", "OUT", "--vocab_file", HDFS],
    "instances": ["instances", "--input", "TEXT", "--output", HDFS, "--vocab_file", "VOCAB"],
    "text to learn from": ["vocabulary", "--input", HDFS, "--output", "OUT"],
    "shards to look at": ["inspect", HDFS],
    "page": ["inspect", "TEXT", "--html", HDFS],
    "vocabulary to check": ["vocab", "lint", "--vocab_file", HDFS],
    "sample": ["vocab", "lint", "--vocab_file", "VOCAB", "--text", HDFS],
    "model class": ["vocab", "fetch", "--model_class", f"{HDFS}.json"],
    "place for vocabularies": ["vocab", "fetch", "--model_class", "CLASS", "--vocab_dir", HDFS],
}


@pytest.mark.parametrize("given", JOBS.values(), ids=JOBS)
def test_the_jobs_name_what_they_can_read(capsys, given, foreign_pieces, tmp_path, tiny_class):
    text, vocabulary = tmp_path / "a.txt", tmp_path / "vocab.txt"
    text.write_text("The cat sat on the mat.\nThe dog ran.\n")
    vocabulary.write_text("\n".join(foreign_pieces) + "\n")
    places = {"TEXT": text, "OUT": tmp_path / "out", "VOCAB": vocabulary, "CLASS": tiny_class}
    assert jobs([str(places.get(word, word)) for word in given]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert (HDFS in said, SUPPORTED in said) == (True, True), said
