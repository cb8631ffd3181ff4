import asyncio

import numpy as np
import orbax.checkpoint as ocp
import pytest

from trainer.run.host_arrays import HostArrayHandler, _all, host_array_handler


def test_arrays_come_back_as_host_arrays(tmp_path):
    tree = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": {"c": np.array(7, np.int32)},
    }
    checkpointer = ocp.Checkpointer(host_array_handler())
    checkpointer.save(tmp_path / "saved", tree)
    found = checkpointer.restore(tmp_path / "saved")
    assert type(found["a"]) is np.ndarray
    np.testing.assert_array_equal(found["a"], tree["a"])
    assert (found["b"]["c"], found["b"]["c"].dtype) == (7, np.int32)


def test_what_a_device_wrote_is_read_as_a_host_array(tmp_path):
    import jax.numpy as jnp

    ocp.Checkpointer(ocp.PyTreeCheckpointHandler()).save(tmp_path / "saved", {"a": jnp.arange(3.0)})
    found = ocp.Checkpointer(host_array_handler()).restore(tmp_path / "saved")["a"]
    assert type(found) is np.ndarray
    assert found.tolist() == [0.0, 1.0, 2.0]


def test_a_handler_reads_what_is_filed_under_its_name():
    assert HostArrayHandler("jax.Array").typestr() == "jax.Array"


def test_the_first_error_is_raised_when_all_have_ended():
    ended = []

    async def work(name, error=None, wait=0.0):
        await asyncio.sleep(wait)
        ended.append(name)
        if error:
            raise error
        return name

    assert asyncio.run(_all([work("a", wait=0.02), work("b")])) == ["a", "b"]
    ended.clear()
    with pytest.raises(ValueError, match="first"):
        asyncio.run(_all([work("a", ValueError("first")), work("b", KeyError("second")), work("c", wait=0.02)]))
    assert ended == ["a", "b", "c"]
