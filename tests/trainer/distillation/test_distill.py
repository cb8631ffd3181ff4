"""Whole distillations: of predictions and of hidden states, in one launch and in several, and what is refused."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tiny_students import HIDDEN_STATES_ONLY, launch, network, records, save_teacher

from beam_jobs.errors import UserError
from trainer.distillation.distill import distill
from trainer.export.load import load_checkpoint
from trainer.plans.reading import read_plan
from trainer.plans.scale import toy
from trainer.run.checkpoint import Checkpoints
from trainer.run.run_export import run_to_export
from trainer.run.run_folder import read_run
from trainer.run.run_identity import read_identity
from trainer.training.pretrain import pretrain
from trainer.training.train import Launch

CHILD = str(Path(__file__).with_name("child_of_test_distill.py"))
pytestmark = pytest.mark.usefixtures("quick_compilation")


def assert_same(output, reference):
    assert records(output) == records(reference)
    mine, theirs = read_run(str(output)), read_run(str(reference))
    for name, value in theirs.weights.items():
        np.testing.assert_array_equal(mine.weights[name], value, err_msg=name)


def test_a_student_begins_with_its_teachers_layers_and_learns(student, teacher):
    output, log = student
    begun, original = read_run(str(output), 0).weights, load_checkpoint(teacher).weights
    assert read_run(str(output)).config.num_hidden_layers == 2
    for name, value in begun.items():
        if name.startswith("encoder/"):
            value_there = original[name.replace("layer_1", "layer_3")]
        elif name.startswith(("pooler", "next_sentence")):
            continue
        else:
            value_there = original[name]
        np.testing.assert_array_equal(value, value_there, err_msg=name)
    train = [record for record in records(output) if record["kind"] == "train"]
    assert train[-1]["loss"] < train[0]["loss"]
    found = log["results"]
    weights = {"soft_loss": 5, "mlm_loss": 2, "cos_loss": 1}
    assert found["loss"] == pytest.approx(sum(weight * found[name] for name, weight in weights.items()), rel=1e-5)
    assert 0 <= found["teacher_mlm_accuracy"] <= 1


def test_the_teacher_is_in_no_checkpoint_but_its_digest_in_the_identity(student):
    output, _ = student
    identity = read_identity(str(output))["run"]
    assert identity["teacher"].startswith("sha256 ")
    assert identity["distillation"]["from_layers"] == [0, 3]
    checkpoints = Checkpoints(str(output))
    weights, _ = checkpoints.restore_weights()
    checkpoints.close()
    assert not [name for name in weights if "layer_2" in name or "teacher" in name]


def test_the_teachers_figures_are_those_of_its_own_network(student, teacher, make_folder, tmp_path):
    """Of a student that has all its teacher's layers, before it has learned anything, all figures are the teacher's."""
    settings = launch(make_folder(), tmp_path / "run", "layers = 4", max_steps=1, steps=1)
    plan = settings.plan
    slow = dataclasses.replace(plan.phases[0].learning_rate, peak=1e-12)
    phase = dataclasses.replace(plan.phases[0], learning_rate=slow)
    same = distill(dataclasses.replace(settings, plan=plan.with_phases([phase])), teacher)["results"]
    assert same["mlm_loss"] == pytest.approx(same["teacher_mlm_loss"], rel=1e-5)
    assert same["mlm_accuracy"] == pytest.approx(same["teacher_mlm_accuracy"])
    assert same["soft_loss"] == pytest.approx(0, abs=1e-4)
    assert same["cos_loss"] == pytest.approx(0, abs=1e-5)
    assert student[1]["results"]["teacher_mlm_loss"] == pytest.approx(same["teacher_mlm_loss"], rel=1e-5)


def test_launches_that_stop_and_go_on_end_as_one(student, teacher, make_folder, tmp_path):
    for last in (1, 3, 0):
        distill(launch(make_folder(), tmp_path / "run", max_steps=last), teacher)
    assert_same(tmp_path / "run", student[0])


def test_a_run_that_is_killed_ends_as_one_that_is_not(student, teacher, make_folder, tmp_path, quick_compilation):
    output = tmp_path / "run"
    environment = {**os.environ, **quick_compilation, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, CHILD, str(make_folder()), str(output), teacher, "0.3"]
    child = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    try:
        end = time.monotonic() + 500
        while not (output / "checkpoints" / "4").exists():
            assert child.poll() is None, child.stderr.read().decode()
            assert time.monotonic() < end
            time.sleep(0.02)
    finally:
        child.kill()
        child.communicate()
    distill(launch(make_folder(), output), teacher)
    assert_same(output, student[0])


def test_another_teacher_is_refused_and_so_is_another_lesson(student, vocabulary, make_folder, teacher, tmp_path):
    output, _ = student
    other = save_teacher(network(len(vocabulary)), vocabulary, tmp_path, seed=4)
    with pytest.raises(
        UserError, match=r"its student learns from another teacher .sha256 .* name that one with --teacher"
    ):
        distill(launch(make_folder(), output), other)
    with pytest.raises(UserError, match=r"distillation.layers is 2 there and 3 now"):
        distill(launch(make_folder(), output, "layers = 3"), teacher)
    with pytest.raises(UserError, match=r"distillation.temperature is 2.0 there and 1.0 now"):
        distill(launch(make_folder(), output, "temperature = 1.0"), teacher)


def test_a_moved_teacher_is_the_same(student, teacher, make_folder, tmp_path):
    import shutil

    shutil.copytree(student[0], tmp_path / "run")
    shutil.copytree(teacher, tmp_path / "moved")
    distill(launch(make_folder(), tmp_path / "run"), str(tmp_path / "moved"))


def test_hidden_states_alone_are_learned_from_instances_and_from_texts(headless, make_folder, texts, tmp_path):
    for name, data, more in (("instances", make_folder(), {}), ("texts", (texts[0],), {"dev": texts[1]})):
        output = tmp_path / name
        log = distill(launch(data, output, HIDDEN_STATES_ONLY, steps=12), headless, **more)
        found = [record for record in records(output) if record["kind"] == "train"]
        assert found[-1]["cos_loss"] < found[0]["cos_loss"]
        assert set(log["results"]) >= {"loss", "cos_loss"}
        assert "mlm_loss" not in log["results"]
        imported, facts = run_to_export(str(output), None, vocab_file="", lower_case=None, with_tokenizer=True)
        assert facts["untrained"] == ("pooler", "masked_lm", "next_sentence")
        assert imported.config.num_hidden_layers == 2


def test_texts_go_on_where_they_stopped(headless, texts, tmp_path):
    for output, stops in (("one", (0,)), ("three", (1, 3, 0))):
        for last in stops:
            settings = launch((texts[0],), tmp_path / output, HIDDEN_STATES_ONLY, max_steps=last)
            distill(settings, headless, dev=texts[1])
    assert_same(tmp_path / "three", tmp_path / "one")


def test_a_random_start_has_no_weights_of_the_teacher(teacher, make_folder, tmp_path):
    distill(launch(make_folder(), tmp_path / "run", 'start = "random"', max_steps=1), teacher)
    begun, original = read_run(str(tmp_path / "run"), 0).weights, load_checkpoint(teacher).weights
    assert not np.array_equal(begun["embeddings/word_embeddings"], original["embeddings/word_embeddings"])
    assert read_identity(str(tmp_path / "run"))["run"]["distillation"]["from_layers"] == []


def test_packed_rows_of_dynamic_instances(teacher, make_folder, tmp_path):
    settings = launch(make_folder(masking="dynamic"), tmp_path / "run", 'positions = "all"', steps=2)
    phase = dataclasses.replace(settings.plan.phases[0], packing=True)
    log = distill(dataclasses.replace(settings, plan=settings.plan.with_phases([phase])), teacher)
    assert np.isfinite(log["results"]["loss"])


def test_the_shipped_plan_runs_at_toy_scale(teacher, make_folder, tmp_path):
    plan = toy(read_plan("distilbert"), steps=6, batch=4, length=64)
    plan = plan.with_phases([dataclasses.replace(plan.phases[0], max_predictions=0)])  # as the records have it
    log = distill(Launch(plan, (str(make_folder()),), str(tmp_path / "run"), tensorboard=False), teacher)
    assert log["status"] == "finished"
    assert log["config"]["num_hidden_layers"] == 2


def test_the_run_can_be_exported_and_read_as_any_other(student):
    _, facts = run_to_export(str(student[0]), None, vocab_file="", lower_case=None, with_tokenizer=True)
    assert facts["untrained"] == ("pooler", "next_sentence")
    assert set(facts["results"]) == {"masked-LM accuracy", "masked-LM loss"}
    assert "[distillation]" in facts["plan"]
    assert json.loads((student[0] / "run_logs.json").read_text())["status"] == "finished"


def test_what_does_not_go_together_is_refused_in_one_line(student, teacher, headless, make_folder, texts, tmp_path):
    output, plain = tmp_path / "run", dataclasses.replace(launch("x", "y").plan, distillation=None)
    data = make_folder()
    with pytest.raises(UserError, match=r"has no table .distillation., so it learns from no teacher"):
        distill(dataclasses.replace(launch(data, output), plan=plain), teacher)
    with pytest.raises(UserError, match=r"no trained masked-LM head.*add --hidden_states_only"):
        distill(launch(data, output), headless)
    with pytest.raises(UserError, match=r"train.txt: predictions are learned at masked pieces, and texts have none"):
        distill(launch((texts[0],), output), teacher)
    with pytest.raises(UserError, match=r"--dev and --text_column belong to texts"):
        distill(launch(data, output), teacher, dev=texts[1])
    with pytest.raises(UserError, match=r"has texts .* and folders of instances"):
        distill(launch((texts[0], str(data)), output, HIDDEN_STATES_ONLY), teacher)
    with pytest.raises(UserError, match=r"distils a teacher; train it with `trainer distill"):
        pretrain(launch(data, output))
    with pytest.raises(UserError, match=r"teacher is 'sha256 .*' there and None in this plan|holds another run"):
        pretrain(dataclasses.replace(launch(data, student[0]), plan=plain))
    assert not output.exists()
