"""A run's output folder as something to read: its network, its weights, its log."""

import contextlib
import json
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from beam_jobs.records import STATS_NAME
from trainer.checkpoint import Checkpoints
from trainer.data import storage
from trainer.export.weight_map import ImportedModel
from trainer.identity import PLAN_NAME, read_identity
from trainer.metrics import write_text_atomically
from trainer.model.config import BertConfig
from vocab.errors import UserError

RUN_LOG_NAME = "run_logs.json"
VOCABULARY_NAME = "vocab.txt"
KEPT = (VOCABULARY_NAME, STATS_NAME)
_PACKAGES = ("beambert", "keras", "jax", "jaxlib", "tensorflow", "orbax-checkpoint", "numpy")


def is_run_folder(path: str) -> bool:
    """Whether a folder is the output of a training run."""
    from etils import epath

    return (epath.Path(path) / PLAN_NAME).exists()


def read_run(output: str, step: int | None = None) -> ImportedModel:
    """Network and weights of a run's checkpoint, the newest if no step is given, by the names that exports use.

    Raises UserError when the folder holds no such checkpoint.
    """
    if not is_run_folder(output):
        raise UserError(f"{output}: no {PLAN_NAME} here; name the --output of a training run")
    if not Checkpoints.there(output):
        raise UserError(f"{output}: holds no checkpoint yet; train first, or name another run")
    config = BertConfig.from_dict(read_identity(output)["run"]["config"], f"{output}/{PLAN_NAME}")
    checkpoints = Checkpoints(output)
    try:
        weights, record = checkpoints.restore_weights(step)
    finally:
        checkpoints.close()
    step = record["progress"]["step"]
    named = {path.split("/", 1)[1]: value for path, value in weights.items()}
    return ImportedModel(config, named, "beambert run", f"{output} at step {step}")


def read_run_log(output: str) -> dict[str, Any]:
    """What `write_run_log` wrote last; empty when there is none."""
    from etils import epath

    path = epath.Path(output) / RUN_LOG_NAME
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def write_run_log(output: str, content: Mapping[str, Any]) -> None:
    """Write `run_logs.json`: the settings and results of a run, for people and for model cards."""
    from etils import epath

    path = epath.Path(output) / RUN_LOG_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {**content, "written": datetime.now(UTC).isoformat(timespec="seconds"), "versions": versions()}
    write_text_atomically(path, json.dumps(content, indent=4, ensure_ascii=False) + "\n")


def keep_beside(output: str, data: str) -> None:
    """Copy vocabulary and statistics of the data into the output folder, so that exports do not need the data."""
    from etils import epath

    for name in KEPT:
        target = epath.Path(output) / name
        if not target.exists():
            with contextlib.suppress(FileNotFoundError):
                write_text_atomically(target, storage.read_bytes(storage.join(data, name)).decode())


def versions() -> dict[str, str]:
    """What the run stands on."""
    found = {"python": sys.version.split()[0], "machine": platform.platform()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
