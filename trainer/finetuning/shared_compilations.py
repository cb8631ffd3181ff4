"""Lets the runs of one command share what is compiled: they differ in seeds and rates, which are arguments of a step."""

import contextlib
import tempfile
from collections.abc import Iterator

import keras


@contextlib.contextmanager
def shared_compilations() -> Iterator[None]:
    """Keep compiled functions in a temporary folder during the block, unless JAX has a folder for them already.

    JAX itself knows functions by their object, and each run makes its own. On TensorFlow nothing is shared.
    """
    if keras.backend.backend() != "jax":
        yield
        return
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    if jax.config.values["jax_compilation_cache_dir"]:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="beambert-compiled-") as folder:
        settings = {
            "jax_compilation_cache_dir": folder,
            "jax_persistent_cache_min_compile_time_secs": 0.5,
            "jax_persistent_cache_min_entry_size_bytes": -1,
        }
        before = {name: jax.config.values[name] for name in settings}
        try:
            for name, value in settings.items():
                jax.config.update(name, value)
            yield
        finally:
            for name, value in before.items():
                jax.config.update(name, value)
            compilation_cache.reset_cache()  # it would go on writing to the folder
