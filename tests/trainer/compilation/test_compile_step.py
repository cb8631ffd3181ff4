import time

import jax
import numpy as np
import pytest

from beam_jobs.errors import UserError
from trainer.compilation import compile_step
from trainer.compilation.compile_step import OutOfMemoryError, compile_ahead, devices_of
from trainer.compilation.machine import Machine
from trainer.devices.hardware import find_device

HERE = Machine("cpu", "cpu", find_device("TPU v5e"), 1, clock=1e9)


def test_a_function_is_compiled_for_shapes_and_measured():
    shape = jax.ShapeDtypeStruct((16, 16), np.float32)
    found = compile_ahead(jax.jit(lambda x: x @ x + 1), (shape,), HERE, 1, print)
    assert found.argument_bytes == 4 * 16 * 16
    assert found.total_bytes >= 2 * 4 * 16 * 16
    assert found.collectives == ()
    assert found.milliseconds is None  # the compiler of CPUs counts no cycles


class Failing:
    """A step whose compilation ends with an error, after a while."""

    def __init__(self, text):
        self.text = text

    def trace(self, *arguments):
        time.sleep(0.2)
        raise RuntimeError(self.text)


def test_what_does_not_fit_is_told_from_other_errors():
    with pytest.raises(OutOfMemoryError, match="RESOURCE_EXHAUSTED: Ran out of memory"):
        compile_ahead(Failing("RESOURCE_EXHAUSTED: Ran out\n of memory"), (), HERE, 1, print)
    with pytest.raises(RuntimeError, match="INTERNAL"):
        compile_ahead(Failing("INTERNAL: other"), (), HERE, 1, print)


def test_a_long_compilation_says_that_it_goes_on(monkeypatch):
    monkeypatch.setattr(compile_step, "TELL_EVERY", 0.05)
    said = []
    with pytest.raises(RuntimeError):
        compile_ahead(Failing("INTERNAL"), (), HERE, 1, said.append)
    assert said[0] == "still compiling after 1 min"


def test_a_machine_that_the_compiler_does_not_know_is_one_line():
    with pytest.raises(UserError, match="abacus: the compiler knows no such machine"):
        devices_of(Machine("abacus", "abacus", find_device("TPU v5e"), 1))
