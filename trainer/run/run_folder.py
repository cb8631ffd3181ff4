"""Reads the output folder of a run: its network, its weights, its log."""

import json
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from trainer.export.weight_map import ImportedModel
from trainer.model.config import BertConfig
from trainer.run.checkpoint import Checkpoints
from trainer.run.metrics import METRICS_NAME, parse_records
from trainer.run.run_identity import PLAN_NAME, read_facts, read_identity

RUN_LOG_NAME = "run_logs.json"
LABELS_NAME = "labels.json"  # of a fine-tuned run: its task and labels
_PACKAGES = ("beambert", "keras", "jax", "jaxlib", "tensorflow", "orbax-checkpoint", "numpy")


def is_run_folder(path: str) -> bool:
    """Whether a folder is the output of a training run."""
    return storage.exists(storage.join(path, PLAN_NAME))


def is_finetuned(path: str) -> bool:
    """Whether a folder is the output of a fine-tuning run."""
    return is_run_folder(path) and storage.exists(storage.join(path, LABELS_NAME))


def read_run(output: str, step: int | None = None) -> ImportedModel:
    """Network and weights of a run's checkpoint, the newest if no step is given, by the names that exports use.

    Raises UserError when the folder holds no such checkpoint.
    """
    return read_run_at(output, step)[0]


def read_run_at(output: str, step: int | None = None) -> tuple[ImportedModel, int]:
    """`read_run`, with the step of the checkpoint that was read, since the newest may be damaged."""
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
    found = int(record["progress"]["step"])
    named = {path.split("/", 1)[1]: value for path, value in weights.items()}
    return ImportedModel(config, named, "beambert run", f"{output} at step {found}"), found


def read_evaluation(output: str, step: int) -> dict[str, Any] | None:
    """The evaluation of the weights of a step, from `metrics.jsonl`; None when there was none."""
    records = parse_records((storage.read_if_there(storage.join(output, METRICS_NAME)) or b"").decode("utf-8"))
    return next((r for r in reversed(records) if r.get("kind") == "evaluation" and r.get("step") == step), None)


def lower_case_of(output: str) -> bool | None:
    """Whether the text of a run was lower-cased; None if it is not known.

    For runs of earlier versions `run_logs.json` says so, if it belongs to the run that `plan.json` describes.
    """
    facts = read_facts(output)
    if facts:
        return facts.lower_case
    log = read_run_log(output)
    try:
        plan_hash = json.loads(storage.read_whole(storage.join(output, PLAN_NAME)))["hash"]
    except (OSError, ValueError, KeyError, RecursionError):
        return None
    found = log.get("lower_case") if log.get("plan_hash") == plan_hash else None
    return found if isinstance(found, bool) else None


def read_run_log(output: str) -> dict[str, Any]:
    """What `write_run_log` wrote last; empty if nothing."""
    try:
        return dict(json.loads(storage.read_whole(storage.join(output, RUN_LOG_NAME))))
    except (OSError, ValueError, RecursionError):
        return {}


def write_run_log(output: str, content: Mapping[str, Any]) -> None:
    """Write `run_logs.json`: the settings and results of a run, for people and for model cards."""
    content = {**content, "written": datetime.now(UTC).isoformat(timespec="seconds"), "versions": versions()}
    text = json.dumps(content, indent=4, ensure_ascii=False) + "\n"
    storage.write_whole(storage.join(output, RUN_LOG_NAME), text.encode())


def versions() -> dict[str, str]:
    """The versions of the packages that the run uses."""
    found = {"python": sys.version.split()[0], "machine": platform.platform()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
