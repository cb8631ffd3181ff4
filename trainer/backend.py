"""Chooses the backend of Keras: JAX, unless `KERAS_BACKEND` says otherwise.

Keras reads the variable once, when it is first imported, so this is the one place that sets it. The packages whose
modules import Keras import this module first, in their `__init__.py`; `import trainer` alone does not. TensorFlow
beside JAX only reads records and checkpoints, so its start-up chatter is silenced.
"""

import os
import sys

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError

BACKENDS = ("jax", "tensorflow")

if "keras" not in sys.modules:
    os.environ["KERAS_BACKEND"] = os.environ.get("KERAS_BACKEND") or "jax"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def require_backend() -> None:
    """Raise UserError when Keras runs on a backend, or `KERAS_BACKEND` names one, that the trainer does not run on."""
    named, used = os.environ.get("KERAS_BACKEND") or "jax", _backend()
    if named not in BACKENDS:
        remedy = did_you_mean(named, BACKENDS, otherwise="unset it for jax, or use tensorflow")
        raise UserError(f"KERAS_BACKEND is {named!r}, but the trainer runs on jax or tensorflow: {remedy}")
    if used not in BACKENDS:
        raise UserError(
            f"Keras runs on {used} here, but the trainer runs on jax or tensorflow: set KERAS_BACKEND=jax before Keras is imported"
        )


def require_jax(what: str) -> None:
    """Raise UserError when Keras runs, or will run, on another backend than JAX; `what` needs JAX."""
    if _backend() != "jax":
        raise UserError(f"{what} works on JAX only: unset KERAS_BACKEND")


def device_problem() -> str:
    """Why JAX has no device to compute on, in words; empty if it has one, or if Keras runs on TensorFlow."""
    if _backend() != "jax":
        return ""
    import jax

    try:
        jax.devices()
    except Exception as error:  # RuntimeError, AssertionError and others, by platform and version
        platforms = os.environ.get("JAX_PLATFORMS", "")
        why = " ".join(str(error).split())
        if not platforms:
            return f"JAX finds no device: {why}"
        reason = f" ({why})" if why else ""
        return (
            f"JAX_PLATFORMS is {platforms!r}, but JAX finds no such device here{reason}; unset it to use what there is, "
            "or install the JAX of that device, such as jax[cuda12] or jax[tpu]"
        )
    return ""


def _backend() -> str:
    """The backend of Keras, where it is imported already; otherwise the one that it will have."""
    keras = sys.modules.get("keras")
    return keras.backend.backend() if keras else os.environ["KERAS_BACKEND"]
