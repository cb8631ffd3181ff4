"""A training run whose output is in an object store: killed anywhere, it ends with the weights of one that is not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from beam_jobs import storage
from tests.trainer.tiny_run import run, tiny_plan
from trainer.run.checkpoint import Checkpoints
from trainer.run.store.checkpoint_store import MARKER_NAME

_TRAINER = Path(__file__).parent.parent / "trainer"
_EVERY = "checkpoint = { every = 5, keep_last = 2 }"


def weights_of(output):
    checkpoints = Checkpoints(str(output))
    weights, record = checkpoints.restore_weights()
    steps = checkpoints.steps()
    checkpoints.close()
    return weights, record["progress"]["step"], steps


def complete(output):
    names = storage.list_folder(f"{output}/checkpoints")
    return {int(name.partition("/")[0]) for name in names if name.endswith(MARKER_NAME)}


@pytest.fixture(scope="module")
def local(tmp_path_factory, quick_compilation):
    output = tmp_path_factory.mktemp("local")
    run(tiny_plan(_EVERY), output)
    return weights_of(output)


def test_a_killed_run_in_a_store_continues_to_the_same_weights(bucket, local, quick_compilation):
    output = f"{bucket}/killed"
    command = [sys.executable, str(_TRAINER / "child_of_test_resume.py"), output, _EVERY, "0.2"]
    environment = {**os.environ, **quick_compilation, "JAX_PLATFORMS": "cpu"}
    child = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    end = time.monotonic() + 300
    while not complete(output) & {5, 10} and child.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    child.kill()
    _, errors = child.communicate()
    assert child.returncode == -signal.SIGKILL, errors.decode()[-2000:]
    assert complete(output)
    assert 20 not in complete(output)
    loop = run(tiny_plan(_EVERY), output, tensorboard=True)
    assert loop.progress.step == 20
    weights, step, steps = weights_of(output)
    wanted, wanted_step, wanted_steps = local
    assert (step, steps) == (wanted_step, wanted_steps)
    for path, value in wanted.items():
        np.testing.assert_array_equal(weights[path], value, err_msg=path)
    assert any("events" in name for name in storage.list_folder(f"{output}/tensorboard"))


def test_a_damaged_checkpoint_in_a_store_is_set_aside(s3, local, quick_compilation):
    output = f"{s3}/damaged"
    run(tiny_plan(_EVERY), output, last_step=10)
    for name in storage.list_folder(f"{output}/checkpoints/10"):
        if "/d/" in name:
            storage.write_whole(f"{output}/checkpoints/10/{name}", b"damage")
    run(tiny_plan(_EVERY), output)
    assert storage.list_folder(f"{output}/damaged_checkpoints/10")
    for path, value in local[0].items():
        np.testing.assert_array_equal(weights_of(output)[0][path], value, err_msg=path)
