"""Whether the files and folders that a command line names are there, asked before Keras and JAX are imported.

That import takes seconds, which a typing error should not cost. Places in an object store are left to whoever reads them.
"""

from collections.abc import Iterable
from pathlib import Path

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError
from beam_jobs.storage.paths import is_remote, local_path
from trainer.export.hub_models import fetched_model, repository_of

RUN_FILE = "plan.json"
"""PLAN_NAME of `trainer/run/run_identity.py`, whose import loads numba."""


def require_file(option: str, *paths: str) -> None:
    """Raise UserError, naming the option, if a local path is no file. An empty path stands for an option not given."""
    for path in paths:
        if path and not is_remote(path) and not _is(local_path(path)):
            raise UserError(f"{option} {path}: no such file{_nearby(path)}")


def require_folder(option: str, paths: Iterable[str], remedy: str) -> None:
    """Raise UserError, naming the option and the remedy, if a local path does not exist, is a file or an empty folder."""
    for path in paths:
        if is_remote(path):
            continue
        place = local_path(path)
        if not _is(place):
            raise UserError(f"{option} {path}: no such folder; {remedy}{_nearby(path)}")
        if place.is_file():
            raise UserError(f"{option} {path}: is a file, no folder; {remedy}")
        if _is_empty(place):
            raise UserError(f"{option} {path}: is an empty folder; {remedy}")


def require_run(option: str, path: str) -> None:
    """Raise UserError if a local folder holds no training run, whose plan is written before anything else."""
    require_folder(option, [path], "name the --output of a training run")
    if is_remote(path) or _is(local_path(path) / RUN_FILE):
        return
    raise UserError(
        f"{option} {path}: holds no training run (looked for {RUN_FILE}); name the --output of trainer pretrain or distill"
    )


def require_model(option: str, path: str) -> str:
    """The place of a model: a folder, a file, the prefix of a checkpoint of TensorFlow, or that of a name on the hub.

    Raises UserError if there is none.
    """
    if is_remote(path) or _is(local_path(path)) or _is(local_path(f"{path}.index")):
        return path
    if repository_of(path) and not _nearby(path):
        return str(fetched_model(option, path))
    raise UserError(
        f"{option} {path}: no such checkpoint; name the --output of a run, a Hugging Face folder, a model of the hub as ORG/NAME, or a "
        f"checkpoint of TensorFlow without its .index{_nearby(path)}"
    )


def _is(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long, or a folder that may not be looked into: whoever reads it says so
        return True


def _is_empty(folder: Path) -> bool:
    try:
        return next(folder.iterdir(), None) is None
    except OSError:  # whoever reads it says so
        return False


def _nearby(path: str) -> str:
    """The nearest name in the folder where the path should be; empty if there is none."""
    place = local_path(path)
    try:
        names = [entry.name for entry in place.parent.iterdir()]
    except OSError:
        return ""
    return did_you_mean(place.name, names, before="; ")
