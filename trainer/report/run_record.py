"""Reads what a report tells of a run: its log, its figures and the statistics of its corpus."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import STATS_NAME, stats_from_json
from beam_jobs.storage.retries import retried
from trainer.run.metrics import METRICS_NAME, parse_records
from trainer.run.run_folder import read_run_log

_WITHOUT_PAIRS = ("nsp_loss", "nsp_accuracy")


@dataclass(frozen=True)
class RunRecord:
    """One run."""

    name: str
    log: Mapping[str, Any]  # run_logs.json: empty before the first checkpoint
    train: Sequence[Mapping[str, Any]]  # records of metrics.jsonl, by step
    evaluations: Sequence[Mapping[str, Any]]
    rollbacks: Sequence[Mapping[str, Any]]
    stats: Mapping[str, Any] | None  # of the corpus

    @property
    def phases(self) -> Sequence[Mapping[str, Any]]:
        """The phases of the plan; none of a run that has no log."""
        return self.log.get("settings", {}).get("phase", ())

    @property
    def hidden(self) -> Sequence[str]:
        """Figures that say nothing, because the run does not train what they measure."""
        trains_pairs = any(phase.get("next_sentence_weight") for phase in self.phases)
        return () if trains_pairs else _WITHOUT_PAIRS


def read_runs(folders: Sequence[str]) -> list[RunRecord]:
    """The runs in these folders. Their names are as short as tells them apart.

    Raises UserError for a folder without figures, and for one that is named twice.
    """
    plain = [folder.rstrip("/") for folder in folders]
    if len(set(plain)) < len(plain):
        twice = next(folder for folder in plain if plain.count(folder) > 1)
        raise UserError(f"{twice}: is named twice; name each run once")
    return [_read(folder, name) for folder, name in zip(plain, _names(plain), strict=True)]


def _read(folder: str, name: str) -> RunRecord:
    path = storage.join(folder, METRICS_NAME)
    content = retried(lambda: storage.read_if_there(path))
    if content is None:
        raise UserError(f"{folder}: has no {METRICS_NAME}; name the --output of trainer pretrain, distill or finetune")
    records = parse_records(content.decode("utf-8"))
    kinds: dict[str, list[Mapping[str, Any]]] = {"train": [], "evaluation": [], "rollback": []}
    for record in records:
        kinds.get(record.get("kind", ""), []).append(record)
    if not kinds["train"] and not kinds["evaluation"]:
        raise UserError(f"{path}: holds no figures yet; they come with the first line of the training's log")
    return RunRecord(name, read_run_log(folder), kinds["train"], kinds["evaluation"], kinds["rollback"], _stats(folder))


def _stats(folder: str) -> Mapping[str, Any] | None:
    uri = storage.join(folder, STATS_NAME)
    content = retried(lambda: storage.read_if_there(uri))
    try:
        return None if content is None else stats_from_json(content.decode("utf-8"), uri)
    except (ValueError, json.JSONDecodeError) as error:
        raise UserError(f"{uri}: cannot be read ({error}); copy it anew from the data, or remove it") from error


def _names(folders: Sequence[str]) -> list[str]:
    """The last parts of the paths, as few as makes them different."""
    parts = [folder.split("/") for folder in folders]
    for count in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-count:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return list(folders)
