"""Eight devices, or two processes of four, compute what one device computes: with accumulation, clipping and dropout on."""

import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

CHILD = str(Path(__file__).with_name("child_of_test_parallel.py"))


def environment(devices, **more):
    flags = f"--xla_force_host_platform_device_count={devices} --xla_backend_optimization_level=0"
    return {**os.environ, "JAX_PLATFORMS": "cpu", "KERAS_BACKEND": "jax", "XLA_FLAGS": flags, **more}


@pytest.fixture(scope="module")
def one_and_eight(tmp_path_factory):
    file = tmp_path_factory.mktemp("parallel") / "results.pickle"
    subprocess.run([sys.executable, CHILD, str(file)], env=environment(8), check=True, timeout=1200)
    return pickle.loads(file.read_bytes())


def assert_same(found, wanted):
    for path, value in wanted["weights"].items():
        np.testing.assert_allclose(found["weights"][path], value, atol=2e-6, err_msg=path)
    assert len(found["records"]) == len(wanted["records"])
    for ours, theirs in zip(found["records"], wanted["records"], strict=True):
        for name in ("loss", "mlm_loss", "nsp_loss", "gradient_norm", "tokens", "trust_ratio_max"):
            if name in theirs:
                assert ours[name] == pytest.approx(theirs[name], rel=1e-5), name


def test_eight_devices_equal_one(one_and_eight):
    assert one_and_eight[8]["devices"] == 8
    assert one_and_eight[1]["devices"] == 1
    assert one_and_eight[1]["records"][0]["gradient_norm"] > 0.5, "clipping must be at work"
    assert "evaluation" in [record["kind"] for record in one_and_eight[8]["records"]]
    assert_same(one_and_eight[8], one_and_eight[1])


@pytest.fixture(scope="module")
def two_hosts(tmp_path_factory):
    """What two processes of four devices computed together."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    file = tmp_path_factory.mktemp("hosts") / "results.pickle"
    hosts = {
        "JAX_COORDINATOR_ADDRESS": address,
        "JAX_NUM_PROCESSES": "2",
        "JAX_CPU_COLLECTIVES_IMPLEMENTATION": "gloo",
    }
    children = [
        subprocess.Popen(
            [sys.executable, CHILD, str(file), str(index)],
            env=environment(4, JAX_PROCESS_ID=str(index), **hosts),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for index in range(2)
    ]
    try:
        for child in children:
            printed, _ = child.communicate(timeout=1200)
            assert child.returncode == 0, printed.decode()[-3000:]
    finally:
        for child in children:
            child.kill()
    return pickle.loads(file.read_bytes())


def test_two_hosts_equal_one(one_and_eight, two_hosts):
    assert_same(two_hosts["hosts"], one_and_eight[1])


def test_two_hosts_with_sharded_moments_that_stop_and_go_on_equal_one(one_and_eight, two_hosts):
    assert_same(two_hosts["sharded"], one_and_eight["wide"])
