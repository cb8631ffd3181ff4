"""The command line: what it prints, and one line for each mistake."""

import json
import re

import pytest

from beam_jobs.records import Manifest, Shard
from trainer.__main__ import main

VOCABULARY = {"file": "vocab.txt", "size": 64, "sha256": "a" * 64, "lower_case": False, "model_class": "mine.json"}


@pytest.fixture
def folder(tmp_path):
    """Makes a folder with a manifest, and no shards."""

    def make(name="instances", kind="instances", vocabulary=VOCABULARY, **settings):
        settings = {"max_seq_length": 128, "max_predictions_per_seq": 19, "masking": "whole_word", **settings}
        shards = (Shard("instances-00000-of-00001.tfrecord.gz", "default", 1000, 10, 5000, "00000000"),)
        place = tmp_path / name
        place.mkdir()
        (place / "manifest.json").write_text(Manifest(kind, name, settings, shards, vocabulary).to_json())
        return str(place)

    return make


@pytest.fixture
def plan(tmp_path):
    """Writes a plan with one phase."""

    def write(phase="", model="", **changes):
        settings = {"sequence_length": 128, "batch": 8, "steps": 20, **changes}
        lines = [f"{key} = {value}" for key, value in settings.items()]
        text = f'name = "mine"\n[model]\n{model}\n[[phase]]\nname = "only"\n' + "\n".join(lines)
        path = tmp_path / "mine.toml"
        path.write_text(text + "\nlearning_rate = { peak = 1e-3 }\n" + phase)
        return str(path)

    return write


def refused(capsys, *arguments):
    """The one line that a command ends with."""
    assert main(list(arguments)) == 2
    lines = capsys.readouterr().err.strip().split("\n")
    assert len(lines) == 1, lines
    return lines[0]


def test_plans_are_listed(capsys):
    assert main(["plan", "list"]) == 0
    printed = capsys.readouterr().out
    assert "notram_mbert " in printed
    assert "28 checkpoints kept" in printed


def test_a_plan_is_shown_with_everything_that_will_happen(capsys, folder, plan):
    data = folder()
    assert main(["plan", "show", plan(batch=64, steps=1000), "--data", data, "--device", "H100", "--devices", "8"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    for part in (
        "8 x H100",
        "64 pieces",
        "1,000 64 k 8.19 M 64.00 8 x 8 x 1",  # steps, instances, tokens, epochs, split
        "learning rate of only (lamb): 0.001 at 0",
        "checkpoints kept: the end of each phase, the last 2",
        "on 8 x H100",
        "speed of only: 40% of peak is a guess; `trainer plan compile` asks the compiler",
    ):
        assert part in printed, (part, printed)


def test_a_plan_that_reads_its_data_too_often_is_doubted_unless_that_is_silenced(capsys, folder, plan):
    show = ["plan", "show", plan(batch=64, steps=1000), "--data", folder(), "--device", "H100", "--devices", "8"]
    assert main(show) == 0
    assert "reads each of 1,000 instances 64 times, more than 40" in capsys.readouterr().err
    assert main([*show, "--silence", "epochs"]) == 0
    assert capsys.readouterr().err == ""
    assert "'epoch' is no warning; " in refused(capsys, *show, "--silence", "epoch")


def test_a_shipped_plan_is_shown_without_data(capsys):
    assert main(["plan", "show", "notram_mbert", "--device", "TPU v3 core", "--devices", "8", "--mfu", "0.43"]) == 0
    printed = capsys.readouterr().out
    assert "0.0004 at 50,000" in printed
    assert "247 G" in printed
    assert "196.8" in printed
    assert "speed of 128: 43% of peak, as given" in printed
    assert "rows of 128: a TPU pads 115 rows of a device to 120; a multiple of 8 wastes none" in printed


def test_sharded_moments_are_named_and_need_less(capsys, plan):
    def gigabytes(model):
        written = plan(batch=64, steps=1000, model=f"model_class = 'bert_base_uncased'\n{model}")
        assert main(["plan", "show", written, "--device", "TPU v5e", "--devices", "64"]) == 0
        printed = " ".join(capsys.readouterr().out.split())
        assert (", sharded moments" in printed) == bool(model)
        return float(re.search(r"64 x 1 x 1 ([\d.]+)", printed)[1])

    assert gigabytes("") - gigabytes("shard_moments = true") == pytest.approx(0.9, abs=0.1)  # of 110 M weights


def test_a_gpu_has_the_memory_that_jax_gives_to_a_program(capsys, plan, monkeypatch):
    """plan show reckoned with 80 GB, a run with three quarters of it: it showed splits that the run did not choose."""
    written = plan(batch=4096, steps=1000, model="model_class = 'bert_base_uncased'")

    def split():
        assert main(["plan", "show", written, "--device", "H100"]) == 0
        return re.search(r"1 x (\d+) x (\d+)", capsys.readouterr().out).group()

    monkeypatch.delenv("XLA_CLIENT_MEM_FRACTION", raising=False)
    monkeypatch.delenv("XLA_PYTHON_CLIENT_MEM_FRACTION", raising=False)
    usual = split()
    monkeypatch.setenv("XLA_PYTHON_CLIENT_MEM_FRACTION", "0.3")
    assert split() != usual
    monkeypatch.setenv("XLA_PYTHON_CLIENT_MEM_FRACTION", "2")
    assert "must be a share above 0" in refused(capsys, "plan", "show", written, "--device", "H100")


MISTAKES = {
    "a batch for other devices": (
        ["plan", "show", "notram_mbert", "--device", "H100", "--devices", "7"],
        "make it 2758 or 2765",
    ),
    "an unknown device": (["plan", "show", "demo", "--device", "abacus"], "is not known; there are TPU v2 core"),
    "an unknown plan": (["plan", "show", "notram"], "no plan 'notram'"),
    "a bad seed": (["plan", "show", "demo", "--seed", "-1"], "--seed"),
    "a bad scale": (["plan", "show", "demo", "--steps_scale", "0"], "--steps_scale"),
    "no data": (["pretrain", "--plan", "demo", "--output", "out"], "--data is missing"),
    "no such data": (["pretrain", "--plan", "demo", "--output", "out", "--data", "no/such/folder"], "no such folder"),
    "an option of other trainers": (
        ["pretrain", "--plan", "demo", "--output", "out", "--batch_size", "64"],
        "unknown argument --batch_size 64: the plan has it: --set phase.NAME.batch=256",
    ),
    "a change of no phase": (["plan", "show", "demo", "--set", "phase.x.batch=64"], "this plan has constant, decay"),
    "bad profile steps": (
        ["pretrain", "--plan", "demo", "--output", "out", "--data", "x", "--profile_steps", "9"],
        "must be like 10-15",
    ),
    "no run to export": (["export", "--run", "no/such/run", "--output", "out"], "name the --output of a training run"),
    "nothing to fill": (["fill_mask", "--model", "no/such/model", "a [MASK]"], "no/such/model"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_on_the_command_line_is_one_line(mistake, capsys):
    arguments, remedy = MISTAKES[mistake]
    assert remedy in refused(capsys, *arguments)


def pretrain(plan, output, *data):
    return ["pretrain", "--plan", plan, "--output", str(output), "--data", *data]


def test_records_of_another_length_are_refused(capsys, folder, plan, tmp_path):
    data = folder()
    message = refused(capsys, *pretrain(plan(sequence_length=512), tmp_path / "out", data))
    assert f"sequence_length 512, but the records have another: {data} (128)" in message
    assert "--max_seq_length 512" in message


def test_two_folders_of_one_length_are_refused(capsys, folder, plan, tmp_path):
    message = refused(capsys, *pretrain(plan(), tmp_path / "out", folder("a"), folder("b")))
    assert "several folders have its sequence length" in message


def test_a_phase_can_name_its_folder(capsys, folder, plan, tmp_path):
    message = refused(capsys, *pretrain(plan(phase='data = "c"'), tmp_path / "out", folder("a"), folder("b")))
    assert "wants the data folder 'c'" in message


def test_sentences_are_no_instances(capsys, folder, plan, tmp_path):
    message = refused(capsys, *pretrain(plan(), tmp_path / "out", folder(kind="sentences")))
    assert "no instance records" in message


def test_another_vocabulary_is_refused(capsys, folder, plan, tmp_path):
    data = folder()
    message = refused(capsys, *pretrain(plan(model='model_class = "bert_base_cased"'), tmp_path / "out", data))
    assert "its vocabulary has 64 pieces but model class bert_base_cased has 28,996" in message
    assert "--model_class of the data (mine.json)" in message


def test_another_vocabulary_of_the_same_size_is_refused(capsys, folder, plan, tmp_path):
    data = folder(vocabulary={**VOCABULARY, "size": 28_996})
    message = refused(capsys, *pretrain(plan(model='model_class = "bert_base_cased"'), tmp_path / "out", data))
    assert "made with another vocabulary" in message


def test_other_predictions_than_the_records_are_refused(capsys, folder, plan, tmp_path):
    message = refused(capsys, *pretrain(plan(max_predictions=20), tmp_path / "out", folder()))
    assert "max_predictions 20, but the records in" in message


def test_full_sentences_have_no_second_segment_task(capsys, folder, plan, tmp_path):
    message = refused(capsys, *pretrain(plan(), tmp_path / "out", folder(objective="full_sentences")))
    assert "set next_sentence_weight = 0" in message


def test_packing_needs_dynamic_records(capsys, folder, plan, tmp_path):
    message = refused(capsys, *pretrain(plan(packing="true"), tmp_path / "out", folder()))
    assert "--masking=dynamic" in message


def test_a_missing_shard_is_named(capsys, folder, plan, tmp_path):
    data = folder()
    message = refused(capsys, *pretrain(plan(), tmp_path / "out", data))
    assert "instances-00000-of-00001.tfrecord.gz" in message
    assert "missing" in message


def test_a_broken_manifest_is_named(capsys, folder, plan, tmp_path):
    from pathlib import Path

    data = folder()
    (Path(data) / "manifest.json").write_text(json.dumps({"kind": "instances"}))
    assert "manifest.json: not a manifest" in refused(capsys, *pretrain(plan(), tmp_path / "out", data))


def test_a_bad_plan_is_named_with_its_line(capsys, plan, tmp_path):
    message = refused(capsys, *pretrain(plan(steps=0), tmp_path / "out", "x"))
    assert "mine.toml:8: phase.steps is 0: must be at least 1" in message
