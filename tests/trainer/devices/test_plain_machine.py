import importlib.util

import pytest

from trainer.devices import plain_machine
from trainer.devices.plain_machine import is_plain_machine, machine_memory
from trainer.devices.runtime import JaxRuntime


@pytest.fixture
def no_plugins(monkeypatch):
    monkeypatch.setattr(plain_machine.importlib.util, "find_spec", lambda name: None)


def test_what_is_said_of_a_plain_machine_is_what_jax_says(no_plugins):
    assert is_plain_machine({})
    if importlib.util.find_spec("libtpu") or importlib.util.find_spec("jax_plugins"):
        pytest.skip("there may be other devices here")
    runtime = JaxRuntime(devices=None)
    assert (runtime.platform, runtime.device_kind) == ("cpu", "cpu")
    assert runtime.device_memory == machine_memory() // runtime.device_count


@pytest.mark.parametrize(
    "environment",
    [
        {"JAX_PLATFORMS": "cpu"},
        {"XLA_FLAGS": "--xla_force_host_platform_device_count=8"},
        {"KERAS_BACKEND": "tensorflow"},
    ],
)
def test_settings_that_may_change_the_devices(no_plugins, environment):
    assert not is_plain_machine(environment)


@pytest.mark.parametrize("plugin", ["jax_plugins", "libtpu"])
def test_a_plugin_may_bring_other_devices(monkeypatch, plugin):
    monkeypatch.setattr(plain_machine.importlib.util, "find_spec", lambda name: name == plugin or None)
    assert not is_plain_machine({})
