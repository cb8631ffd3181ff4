"""A run that is killed or stopped, anywhere, ends with the same weights and the same log as one that is not."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tiny_run import run, tiny_model, tiny_plan

from trainer.run.checkpoint import CHECKPOINTS_FOLDER, Checkpoints

EVERY = "checkpoint = { every = 5, keep_last = 2 }"
CHILD = str(Path(__file__).with_name("child_of_test_resume.py"))
SPEEDS = {"seconds_per_update", "instances_per_second", "tokens_per_second", "model_flops_per_second"} | {
    "data_wait",
    "seconds_left",
    "mfu",
}


def records(output):
    """metrics.jsonl without what depends on the clock."""
    lines = (output / "metrics.jsonl").read_text().splitlines()
    return [{name: value for name, value in json.loads(line).items() if name not in SPEEDS} for line in lines]


def step_of(output):
    file = output / "metrics.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return json.loads(lines[-1])["step"] if lines and lines[-1].endswith("}") else 0


def final_weights(output):
    checkpoints = Checkpoints(str(output))
    weights, record = checkpoints.restore_weights()
    checkpoints.close()
    return weights, record["progress"]["step"]


def assert_same_run(output, reference):
    assert records(output) == records(reference)
    weights, step = final_weights(output)
    wanted, wanted_step = final_weights(reference)
    assert step == wanted_step
    for path, value in wanted.items():
        np.testing.assert_array_equal(weights[path], value, err_msg=path)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, quick_compilation):
    output = tmp_path_factory.mktemp("uninterrupted")
    run(tiny_plan(EVERY), output)
    return output


@pytest.fixture
def launch(quick_compilation):
    """Starts the same run in a process of its own."""
    children = []

    def start(output, pause=0.15, text=EVERY):
        environment = {**os.environ, **quick_compilation, "JAX_PLATFORMS": "cpu"}
        command = [sys.executable, CHILD, str(output), text, str(pause)]
        children.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE))
        return children[-1]

    yield start
    for child in children:
        if child.poll() is None:
            child.kill()
        child.communicate()


def wait_until(condition, child, seconds=300):
    """Whether the moment came; on a busy machine a short one can pass unseen, and the run ends."""
    end = time.monotonic() + seconds
    while not condition():
        if child.poll() is not None:
            assert child.returncode == 0, child.stderr.read().decode()[-2000:]
            return False
        assert time.monotonic() < end
        time.sleep(0.002)
    return True


def writing_a_checkpoint(output):
    folder = output / CHECKPOINTS_FOLDER
    return folder.is_dir() and any("tmp" in path.name for path in folder.iterdir() if not path.name.startswith("0"))


def test_killed_at_random_steps_within_a_checkpoint_and_at_a_phase_boundary(tmp_path, uninterrupted, launch):
    first = random.Random(time.time_ns()).randrange(2, 9)
    moments = {
        f"step {first}": lambda: step_of(tmp_path) >= first,
        "the phase boundary": lambda: step_of(tmp_path) >= 12,
        "writing a checkpoint": lambda: step_of(tmp_path) >= 14 and writing_a_checkpoint(tmp_path),
    }
    for moment, reached in moments.items():
        child = launch(tmp_path)
        if wait_until(reached, child):
            child.kill()
            assert child.wait() == -signal.SIGKILL, moment
    child = launch(tmp_path, pause=0.0)
    _, errors = child.communicate(timeout=180)
    assert child.returncode == 0, errors.decode()[-2000:]
    assert_same_run(tmp_path, uninterrupted)


def test_sigterm_saves_and_the_same_command_continues(tmp_path, uninterrupted, launch):
    child = launch(tmp_path)
    assert wait_until(lambda: step_of(tmp_path) >= 7, child)
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=60)
    assert child.returncode == 128 + signal.SIGTERM
    _, saved = final_weights(tmp_path)
    assert saved == step_of(tmp_path) >= 7
    run(tiny_plan(EVERY), tmp_path, model=tiny_model(seed=5))
    assert_same_run(tmp_path, uninterrupted)


def test_in_launches_that_end_between_two_log_lines(tmp_path, quick_compilation):
    run(tiny_plan(EVERY, log_every=4), tmp_path / "reference")
    for last_step in (6, 12, 17, 0):
        run(tiny_plan(EVERY, log_every=4), tmp_path / "launches", last_step=last_step)
    assert len(records(tmp_path / "reference")) == 5 + 2
    assert_same_run(tmp_path / "launches", tmp_path / "reference")


def test_a_finished_run_has_nothing_left_to_do(uninterrupted):
    before = (uninterrupted / "metrics.jsonl").read_text()
    model = tiny_model(seed=9)
    run(tiny_plan(EVERY), uninterrupted, model=model)
    assert (uninterrupted / "metrics.jsonl").read_text() == before
    weights, _ = final_weights(uninterrupted)
    for variable in model.trainable_variables:
        np.testing.assert_array_equal(np.asarray(variable.value), weights[variable.path])
