"""Which backend Keras runs on: JAX unless `KERAS_BACKEND` says otherwise. Imported before Keras, by `trainer/__init__.py`.

Keras reads the variable once, when it is first imported, so there is one place that sets it. TensorFlow beside JAX only
reads records and checkpoints, so its start-up chatter is silenced.
"""

import os

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError

BACKENDS = ("jax", "tensorflow")

os.environ["KERAS_BACKEND"] = os.environ.get("KERAS_BACKEND") or "jax"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def require_backend() -> None:
    """Raise UserError when `KERAS_BACKEND` names one that the trainer does not run on."""
    chosen = os.environ["KERAS_BACKEND"]
    if chosen not in BACKENDS:
        remedy = did_you_mean(chosen, BACKENDS, otherwise="unset it for jax, or use tensorflow")
        raise UserError(f"KERAS_BACKEND is {chosen!r}, but the trainer runs on jax or tensorflow: {remedy}")


def device_problem() -> str:
    """Why JAX has no device to compute on, for people; empty when it has one, or when Keras runs on TensorFlow."""
    if os.environ["KERAS_BACKEND"] != "jax":
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
