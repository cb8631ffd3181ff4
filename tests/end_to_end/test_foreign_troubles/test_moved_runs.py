"""What people lost when a run was killed, begun anew or read on another machine than the one that wrote it."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import google_crc32c
import numpy as np
import pytest

from beam_jobs.records import Manifest, Shard
from trainer.__main__ import main
from trainer.run.checkpoint import Checkpoints

ROOT = Path(__file__).parents[3]


def weights_at(output, step=None):
    checkpoints = Checkpoints(str(output))
    try:
        return checkpoints.restore_weights(step)[0]
    finally:
        checkpoints.close()


# --- another number of devices


@pytest.fixture(scope="module")
def eight_devices(tmp_path_factory):
    return tmp_path_factory.mktemp("eight") / "run"


@pytest.fixture
def trained_on_eight(eight_devices, tiny_plan, foreign_records, quick_compilation):
    """A run of four steps on eight devices."""
    if not eight_devices.exists():
        flags = {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=8"}
        arguments = ["--plan", tiny_plan(steps=4), "--data", str(foreign_records), "--output", str(eight_devices)]
        command = [sys.executable, "-m", "trainer", "pretrain", *arguments, "--notensorboard"]
        environment = {**os.environ, **quick_compilation, **flags, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        assert "8 x " in done.stderr
    return eight_devices


def test_a_run_of_eight_devices_is_exported_on_one(trained_on_eight, tmp_path, capsys):
    """A team trained on a TPU host and could not export on its workstation."""
    target = tmp_path / "out"
    arguments = ["export", "--run", str(trained_on_eight), "--output", str(target), "--format", "model_garden"]
    assert main(arguments) == 0
    assert "largest difference 0\n" in capsys.readouterr().out


def test_a_run_of_eight_devices_is_begun_from_and_continued_on_one(
    trained_on_eight, pretrain, tiny_plan, foreign_records, tmp_path
):
    """The same team could not fine-tune from that run, nor go on with it on a smaller machine."""
    final = weights_at(trained_on_eight)
    assert pretrain(tiny_plan(), foreign_records, tmp_path / "next", "--init", trained_on_eight) == 0
    for path, value in weights_at(tmp_path / "next", 0).items():
        np.testing.assert_array_equal(value, final[path], err_msg=path)
    shutil.copytree(trained_on_eight, tmp_path / "smaller")
    assert pretrain(tiny_plan(steps=6), foreign_records, tmp_path / "smaller") == 2, "other steps are another plan"
    shutil.rmtree(tmp_path / "smaller" / "checkpoints" / "4")
    assert pretrain(tiny_plan(steps=4), foreign_records, tmp_path / "smaller") == 0
    for path, value in weights_at(tmp_path / "smaller", 4).items():
        np.testing.assert_allclose(value, final[path], atol=2e-6, err_msg=path)


# --- everything that the weights need to be used is there before the first update

PIECES = 64  # of the records in conftest.py


@pytest.fixture
def made_data(tmp_path, foreign_records):
    """The foreign records as if the instances job had made them with a vocabulary of its own."""

    def make(name, lower_case, first_word="a", longest=200):
        folder = tmp_path / name
        shutil.copytree(foreign_records, folder)
        words = [first_word * (i + 1) for i in range(PIECES - 5)]
        text = "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]) + "\n"
        (folder / "vocab.txt").write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        vocabulary = {"file": "vocab.txt", "size": PIECES, "sha256": digest, "lower_case": lower_case}
        shards = []
        for path in sorted(folder.rglob("*.tfrecord")):
            data, count = path.read_bytes(), {"a": 30, "b": 10, "c": 45}[path.stem]
            crc = google_crc32c.Checksum(data).hexdigest().decode()
            shards.append(Shard(str(path.relative_to(folder)), path.parent.name, count, 1, len(data), crc))
        settings = {"max_seq_length": 16, "max_predictions_per_seq": 4, "max_input_chars_per_word": longest}
        manifest = Manifest("instances", "hash", settings, tuple(shards), vocabulary)
        (folder / "manifest.json").write_text(manifest.to_json())
        return folder

    return make


@pytest.fixture
def uncased(tiny_class, tmp_path):
    """Arguments that train the tiny class on lower-cased text."""
    path = tmp_path / "uncased.json"
    path.write_text(json.dumps({**json.loads(tiny_class.read_text()), "lower_case": True}))
    return ["--model_class", str(path)]


def export(run, target, *more):
    return main(["export", "--run", str(run), "--output", str(target), *map(str, more)])


def only_line(capsys):
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


def test_a_killed_uncased_run_is_exported_uncased(made_data, pretrain, tiny_plan, uncased, tmp_path):
    """A team's uncased run was preempted for good; its last checkpoint was exported with a cased tokenizer."""
    data, run = made_data("data", lower_case=True, longest=77), tmp_path / "run"
    assert pretrain(tiny_plan(), data, run, *uncased) == 0
    (run / "run_logs.json").unlink()  # written at a clean end: a killed run has none
    shutil.rmtree(data)
    assert export(run, tmp_path / "out") == 0
    assert json.loads((tmp_path / "out" / "tokenizer_config.json").read_text())["do_lower_case"] is True
    tokenizer = json.loads((tmp_path / "out" / "tokenizer.json").read_text())
    assert tokenizer["normalizer"]["lowercase"] is True
    assert tokenizer["model"]["max_input_chars_per_word"] == 77


def test_a_run_after_a_failed_launch_on_other_data_exports_its_own_vocabulary(
    made_data, pretrain, tiny_plan, uncased, tmp_path
):
    """A team named the wrong data first; the vocabulary of that launch went out with the weights of the next one."""
    first, second = made_data("first", False, "a"), made_data("second", True, "b")
    run = tmp_path / "run"
    assert pretrain(tiny_plan(), first, run, "--accumulation", 3) == 2, "16 rows cannot be split so"
    assert (run / "vocab.txt").read_text() == (first / "vocab.txt").read_text()
    assert pretrain(tiny_plan(), second, run, *uncased) == 0
    assert export(run, tmp_path / "out") == 0
    assert (tmp_path / "out" / "vocab.txt").read_text() == (second / "vocab.txt").read_text()
    assert json.loads((tmp_path / "out" / "tokenizer_config.json").read_text())["do_lower_case"] is True


def test_a_vocabulary_that_no_run_put_there_stays_and_is_not_exported(
    made_data, pretrain, tiny_plan, foreign_records, tmp_path, capsys
):
    """A team kept notes and vocabularies of its own in the folder that it later named as --output."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "vocab.txt").write_text("mine\n")
    assert pretrain(tiny_plan(), made_data("data", False), run) == 2
    assert f"{run}/vocab.txt: is not that of this run's data; move it away" in only_line(capsys)
    assert (run / "vocab.txt").read_text() == "mine\n"
    assert pretrain(tiny_plan(), foreign_records, run) == 0, "these records come without a vocabulary"
    capsys.readouterr()
    assert export(run, tmp_path / "out", "--lower_case", "true") == 2
    assert "the run's data came without vocab.txt; name the one that it was made with by --vocab_file" in only_line(
        capsys
    )


def test_another_vocabulary_than_that_of_the_run_is_refused(made_data, pretrain, tiny_plan, tmp_path, capsys):
    """A team copied runs between machines, and two vocabularies changed places."""
    data, other, run = made_data("data", False, "a"), made_data("other", False, "b"), tmp_path / "run"
    assert pretrain(tiny_plan(), data, run) == 0
    capsys.readouterr()
    assert export(run, tmp_path / "out", "--vocab_file", other / "vocab.txt") == 2
    assert "is another vocabulary than the run was trained with" in only_line(capsys)
    assert export(run, tmp_path / "out", "--vocab_file", data / "vocab.txt") == 0
    shutil.copy(other / "vocab.txt", run / "vocab.txt")
    capsys.readouterr()
    assert export(run, tmp_path / "again") == 2
    assert f"{run}/vocab.txt: is not the file that the run was begun with" in only_line(capsys)
    assert pretrain(tiny_plan(), data, run) == 2
    assert f"{run}/vocab.txt: is not that of this run's data; move it away" in capsys.readouterr().err
    (run / "vocab.txt").unlink()
    assert pretrain(tiny_plan(), data, run) == 0
    assert export(run, tmp_path / "again") == 0


def test_data_of_another_casing_is_another_run(made_data, pretrain, tiny_plan, uncased, tmp_path, capsys):
    """A team made its corpus again, in lower case, under the same name."""
    run = tmp_path / "run"
    assert pretrain(tiny_plan(), made_data("data", False), run) == 0
    shutil.rmtree(tmp_path / "data")
    capsys.readouterr()
    assert pretrain(tiny_plan(), made_data("data", True), run, *uncased) == 2
    assert "holds another run: lower_case is False there and True in this data" in only_line(capsys)


def test_a_run_begun_from_one_with_another_vocabulary_says_so(made_data, pretrain, tiny_plan, tmp_path, capsys):
    """A team went on from weights whose ids meant other words, and wondered at the loss."""
    first, second = made_data("first", False, "a"), made_data("second", False, "b")
    assert pretrain(tiny_plan(), first, tmp_path / "run") == 0
    capsys.readouterr()
    assert pretrain(tiny_plan(), second, tmp_path / "next", "--init", tmp_path / "run") == 0
    assert f"{tmp_path}/run: its weights know other pieces: the vocabulary is '" in capsys.readouterr().err
    assert pretrain(tiny_plan(), first, tmp_path / "same", "--init", tmp_path / "run") == 0
    assert "other pieces" not in capsys.readouterr().err


def test_a_run_of_an_earlier_version_that_was_killed_asks(made_data, pretrain, tiny_plan, uncased, tmp_path, capsys):
    """A killed run of an earlier version tells nowhere whether it lower-cases; None must not become no."""
    run = tmp_path / "run"
    assert pretrain(tiny_plan(), made_data("data", True), run, *uncased) == 0
    plan, log = json.loads((run / "plan.json").read_text()), json.loads((run / "run_logs.json").read_text())
    del plan["facts"]
    (run / "plan.json").write_text(json.dumps(plan))
    assert export(run, tmp_path / "from_log") == 0
    assert json.loads((tmp_path / "from_log" / "tokenizer_config.json").read_text())["do_lower_case"] is True
    (run / "run_logs.json").write_text(json.dumps({**log, "plan_hash": "of another launch"}))
    capsys.readouterr()
    assert export(run, tmp_path / "out") == 2
    assert only_line(capsys).endswith(
        "does not say whether its text was lower-cased; add --lower_case or --no-lower_case"
    )
    assert export(run, tmp_path / "out", "--lower_case", "true") == 0


def test_the_card_has_the_figures_of_the_weights_that_are_exported(made_data, pretrain, tiny_plan, tmp_path):
    """A team exported an earlier checkpoint, or that of a killed run, with another one's figures."""
    plan = tiny_plan("evaluation = { every = 2, batches = 2 }", "checkpoint = { every = 1, keep_last = 9 }", steps=4)
    run = tmp_path / "run"
    assert pretrain(plan, made_data("data", False), run) == 0
    (run / "run_logs.json").unlink()
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    figures = {2: "2.222", 4: "4.444"}  # of so small a model they would hardly differ
    for line in lines:
        if line["kind"] == "evaluation":
            line["mlm_loss"] = float(figures[line["step"]])
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for step, there, absent in ((None, 4, 2), (2, 2, 4), (3, None, 4)):
        more = [] if step is None else ["--step", step]
        assert export(run, tmp_path / f"out{step}", *more) == 0
        card = (tmp_path / f"out{step}" / "README.md").read_text()
        assert there is None or figures[there] in card
        assert figures[absent] not in card
