"""The model of an embed job, once in a process.

The jobs import nothing of the trainer. As the table of commands names commands of both halves, this module names the one module
of the trainer that it needs, and loads it when a model is needed.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from beam_jobs.errors import UserError
from beam_jobs.settings import EmbedSettings
from beam_jobs.storage.per_process import Pool, once_per_process

_MODULES = ("trainer.backend", "trainer.embeddings.stream")  # the first chooses what Keras runs on, before it is loaded


def embedder_of(model: str, settings: EmbedSettings, digest: str) -> Pool[Any]:
    """The model of this process, which one call at a time may use: a call already computes on all cores.

    `digest` is the `model_digest` that the job began with. Raises UserError when it is lent, if the trainer's packages are not
    installed, the model cannot be read, or another one lies there now.
    """
    return _embedders(model, tuple(sorted(_options(settings).items())), digest)


def model_digest(model: str, settings: EmbedSettings) -> str:
    """A hash of the model's weights, network and tokenizer."""
    with _told(model):
        return str(trainer_module().model_digest(model, _options(settings)))


def trainer_module() -> Any:
    """The module `trainer.embeddings.stream`."""
    try:
        return [importlib.import_module(name) for name in _MODULES][-1]
    except ModuleNotFoundError as error:
        raise UserError(
            f"embed needs the packages of the trainer, and {error.name} is not installed: pip install 'beambert[trainer]' here "
            "and on the workers"
        ) from error


@once_per_process
def _embedders(model: str, options: tuple[tuple[str, Any], ...], digest: str) -> Pool[Any]:
    def opened() -> Any:
        with _told(model):
            return trainer_module().open_embedder(model, dict(options), digest)

    return Pool(opened, limit=1)


@contextmanager
def _told(model: str) -> Iterator[None]:
    """Say in one line what the system does not allow, as the commands of the trainer do: a name too long, no right to read."""
    try:
        yield
    except OSError as error:
        raise UserError(f"--model {model}: {error.strerror or error}; name another model, or mend this one") from error


def _options(settings: EmbedSettings) -> dict[str, Any]:
    """The settings under the names and values of the trainer's."""
    switch = {"model": None, "yes": True, "no": False}
    pooling, per = settings.pooling, settings.per
    return {
        "per": "" if pooling == "none" and per == "text" else per,
        "pooling": "" if pooling == "model" else pooling,
        "layers": settings.layers,
        "combine": "" if settings.combine == "mean" else settings.combine,
        "normalize": switch[settings.normalize],
        "lower_case": switch[settings.lower_case],
        "max_seq_length": settings.max_seq_length,
        "batch": settings.batch,
    }
