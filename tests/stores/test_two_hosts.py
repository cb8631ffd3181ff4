"""Two processes of four devices train together from a bucket into it; one is killed, and the run continues.

Its weights are those of a run that nothing disturbed, whose output is a folder that both processes write to.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from beam_jobs import storage
from tests.trainer.data.conftest import make_folder, text_blocks, vocabulary  # noqa: F401  # fixtures
from trainer.run.checkpoint import Checkpoints
from trainer.run.store.checkpoint_store import MARKER_NAME

ROOT = Path(__file__).parents[2]
STEPS = 20
PLAN = f"""
name = "two_hosts"
log_every = 5
[model]
compute_dtype = "float32"
config = {{ hidden_size = 32, num_hidden_layers = 1, num_attention_heads = 2, intermediate_size = 64 }}
[checkpoint]
every = 5
keep_last = 2
[[phase]]
name = "only"
sequence_length = 64
batch = 16
steps = {STEPS}
learning_rate = {{ peak = 1e-2, warmup_steps = 5 }}
evaluation = {{ batches = 0 }}
"""


@pytest.fixture(scope="module")
def data(gs, make_folder):  # noqa: F811
    """Instance shards in a bucket."""
    folder = make_folder()
    for path in filter(Path.is_file, folder.rglob("*")):
        storage.write_whole(f"{gs}/instances/{path.relative_to(folder)}", path.read_bytes())
    return f"{gs}/instances"


@pytest.fixture(scope="module")
def hosts(data, tmp_path_factory, quick_compilation):
    """Starts both processes of a run with an output."""
    plan, started = tmp_path_factory.mktemp("plan") / "plan.toml", []
    plan.write_text(PLAN)

    def start(output):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        environment = {**os.environ, **quick_compilation, "JAX_PLATFORMS": "cpu", "JAX_COORDINATOR_ADDRESS": address}
        environment |= {"JAX_NUM_PROCESSES": "2", "JAX_CPU_COLLECTIVES_IMPLEMENTATION": "gloo"}
        environment |= {"XLA_FLAGS": "--xla_force_host_platform_device_count=4"}
        command = [sys.executable, "-m", "trainer", "pretrain", "--plan", str(plan), "--data", data, "--output", output]
        pair = [
            subprocess.Popen(
                command,
                cwd=ROOT,
                env={**environment, "JAX_PROCESS_ID": str(index)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for index in range(2)
        ]
        started.extend(pair)
        return pair

    yield start
    for child in started:
        child.kill()
        child.communicate()


def to_the_end(pair):
    for child in pair:
        _, said = child.communicate(timeout=400)
        assert child.returncode == 0, said.decode()[-3000:]


def final(output):
    checkpoints = Checkpoints(str(output))
    weights, record = checkpoints.restore_weights()
    checkpoints.close()
    assert record["progress"]["step"] == STEPS
    return weights


def saved(output):
    """The steps of the complete checkpoints in a bucket."""
    names = storage.list_folder(f"{output}/checkpoints")
    return {int(name.partition("/")[0]) for name in names if name.endswith(MARKER_NAME)}


def test_one_of_two_hosts_is_killed_and_the_run_continues_to_the_same_weights(gs, hosts, tmp_path):
    to_the_end(hosts(str(tmp_path)))
    undisturbed = final(str(tmp_path))
    output = f"{gs}/two_hosts"
    first, second = hosts(output)
    end = time.monotonic() + 300
    while not saved(output) - {0} and second.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    second.kill()
    assert second.wait() == -signal.SIGKILL, second.stderr.read().decode()[-3000:]
    try:
        first.wait(timeout=5)  # it waits for the other; a supervisor would end it
    except subprocess.TimeoutExpired:
        first.kill()
    assert saved(output) - {0}
    assert STEPS not in saved(output)
    to_the_end(hosts(output))
    for path, value in final(output).items():
        np.testing.assert_array_equal(value, undisturbed[path], err_msg=path)
