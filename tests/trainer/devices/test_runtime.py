"""The runtime on one CPU; several devices and hosts run in test_parallel.py."""

import numpy as np
import pytest

import trainer  # noqa: F401  chooses the backend
from beam_jobs.errors import UserError
from trainer.devices import runtime as module
from trainer.devices.runtime import JaxRuntime, TensorFlowRuntime, current_runtime, join_hosts, to_host

BATCH = {"ids": np.arange(24, dtype=np.int32).reshape(8, 3), "labels": np.arange(8, dtype=np.int32)}


@pytest.fixture(params=[JaxRuntime, TensorFlowRuntime])
def runtime(request):
    return request.param()


def test_a_batch_is_cut_into_micro_batches_in_order(runtime):
    put = runtime.put_batch(BATCH, 4)
    assert np.asarray(put["ids"]).tolist() == BATCH["ids"].reshape(4, 2, 3).tolist()
    assert np.asarray(put["labels"]).tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_one_process_holds_every_row(runtime):
    rows = runtime.local_rows(8, 2)
    assert (rows.dtype, rows.tolist()) == (np.dtype(bool), [True] * 8)
    assert (runtime.hosts, runtime.is_primary, runtime.device_count) == (1, True, 1)
    assert [runtime.any_host(flag) for flag in (False, True)] == [False, True]


def test_a_compiled_function_gives_what_the_function_gives(runtime):
    state = runtime.put_state({"a": np.float32([1, 2])})
    step = runtime.compile_step(lambda state, rate: ({"a": state["a"] * rate}, {"rate": rate}))
    new, metrics = step(state, runtime.put_scalar(0.5))
    assert np.asarray(new["a"]).tolist() == [0.5, 1.0]
    assert np.asarray(metrics["rate"]) == 0.5
    doubled = runtime.compile(lambda state: {"a": state["a"] * 2})(new)
    assert np.asarray(doubled["a"]).tolist() == [1.0, 2.0]
    assert np.asarray(new["a"]).tolist() == [0.5, 1.0]


def test_the_callers_arrays_are_never_given_away():
    runtime, mine = JaxRuntime(), np.float32([1, 2])
    state = runtime.put_state({"a": mine})
    runtime.compile_step(lambda state: {"a": state["a"] + 1})(state)
    mine[0] = 9
    assert mine.tolist() == [9, 2]


def test_scalars_come_to_the_host_as_floats():
    found = to_host({"loss": np.float32(0.5), "count": np.int32(3)})
    assert found == {"loss": 0.5, "count": 3.0}
    assert all(type(value) is float for value in found.values())


def test_speed_and_memory_of_what_there_is(monkeypatch):
    runtime = JaxRuntime()
    assert runtime.device_kind == "cpu"
    assert runtime.peak_flops is None
    assert runtime.device_memory > 1e9
    monkeypatch.setattr(module, "peak_flops", lambda kind: 7.0)
    assert JaxRuntime(runtime.devices * 2).peak_flops == 14.0
    assert TensorFlowRuntime().peak_flops == 7.0


def test_the_backend_decides():
    assert isinstance(current_runtime(), JaxRuntime)


def test_several_hosts_are_jaxs_business(monkeypatch):
    join_hosts()  # alone: nothing to do
    monkeypatch.setattr(module, "hosts_to_join", lambda environment: {})
    monkeypatch.setattr(module.keras.backend, "backend", lambda: "tensorflow")
    with pytest.raises(UserError, match="several processes train together on JAX only"):
        join_hosts()
    import jax

    def fail(**hosts):
        raise RuntimeError("no\n answer")

    monkeypatch.setattr(module.keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(jax.distributed, "initialize", fail)
    with pytest.raises(UserError, match=r"cannot find each other \(no answer\); set JAX_COORDINATOR_ADDRESS"):
        join_hosts()
