"""Whether JAX can find nothing here but the processor, told without importing JAX, which takes seconds."""

import importlib.util
import os
from collections.abc import Mapping

_PLUGINS = ("jax_plugins", "libtpu", "jax_metal")
_SETTINGS = ("JAX_PLATFORMS", "JAX_PLATFORM_NAME", "XLA_FLAGS", "JAX_NUM_CPU_DEVICES", "JAX_COORDINATOR_ADDRESS")


def is_plain_machine(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether JAX has one device here, the processor: it has no plug-in for another, and no setting says otherwise.

    False if Keras has another backend than JAX.
    """
    backend = environment.get("KERAS_BACKEND") or "jax"
    if backend != "jax" or any(environment.get(name) for name in _SETTINGS):
        return False
    return not any(importlib.util.find_spec(name) for name in _PLUGINS)


def machine_memory() -> int:
    """The memory of this machine, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
