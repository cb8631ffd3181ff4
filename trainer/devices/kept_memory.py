"""Keeps freed memory in the process where the step runs on the processor, so that an update does not pay for it anew.

The buffers of an update are as large as the logits: tens of megabytes. glibc gives such blocks back to the kernel when they are
freed, which is after every update, and the kernel must fill every page with zeros before the next update has it. That
was a sixth of the processor time of a small model's updates (`tests/benchmarks/README.md`). `mallopt(3)` has the settings.
"""

import ctypes
import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # M_... of malloc.h
_SETTINGS = {
    _MMAP_MAX: 0,  # large blocks come from the heap too, which keeps them
    _TRIM_THRESHOLD: -1,  # the end of the heap is not given back
    _ARENA_MAX: 1,  # the heaps of other threads are too small for such blocks, and are given back
}


def keep_freed_memory(environment: Mapping[str, str] = os.environ) -> bool:
    """Keep freed memory if JAX will compute on the processor. Returns whether that was set.

    For a process that does nothing but train, because it keeps all that it ever used. Call this before anything starts
    threads, as the import of JAX does. Nothing is set where the C library is not glibc, where JAX may find another device, or where the user has
    set it, by MALLOC_... or GLIBC_TUNABLES.
    """
    chosen = any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in environment)
    if chosen or not _on_the_processor(environment):
        return False
    mallopt = _mallopt()
    return mallopt is not None and all(mallopt(name, value) for name, value in _SETTINGS.items())


def _on_the_processor(environment: Mapping[str, str]) -> bool:
    """JAX finds a TPU by the package libtpu, and all other devices by plug-ins in the package jax_plugins."""
    if platforms := environment.get("JAX_PLATFORMS"):
        return platforms == "cpu"
    return not any(find_spec(name) for name in ("libtpu", "jax_plugins"))


def _mallopt() -> Callable[[int, int], int] | None:
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # a system on which a process has no names of its own, as Windows
        return None
    return library.mallopt if hasattr(library, "gnu_get_libc_version") else None
