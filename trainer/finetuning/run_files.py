"""The files that fine-tuning writes beside those of every run: labels.json, scores.json and predictions/."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import FORMAT, known_fields, require_known_format
from trainer.finetuning.settings import TaskSettings
from trainer.run.run_folder import LABELS_NAME as LABELS_NAME

SCORES_NAME = "scores.json"
PREDICTIONS_FOLDER = "predictions"
_FORMAT = 1


@dataclass(frozen=True)
class TaskRecord:
    """What labels.json says: the task, with the settings that a prediction needs, and its labels in their order."""

    settings: TaskSettings
    labels: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """The content of labels.json."""
        return _json({FORMAT: _FORMAT, "labels": list(self.labels), "task": asdict(self.settings)})

    @classmethod
    def from_bytes(cls, content: bytes, source: str) -> "TaskRecord":
        """The inverse of `to_bytes`. Raises UserError, naming `source`, for what it did not write."""
        try:
            parsed = dict(json.loads(content))
            require_known_format(parsed, _FORMAT, source)
            return cls(TaskSettings(**known_fields(TaskSettings, parsed["task"])), tuple(map(str, parsed["labels"])))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UserError(f"{source}: cannot be read ({error}); fine-tune the model again") from error


def write_json(path: str, content: Any) -> None:
    """Write a JSON file, whole or not at all."""
    storage.write_whole(path, _json(content))


def write_json_lines(path: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write one JSON object a line, whole or not at all."""
    storage.write_whole(path, json_lines(rows))


def json_lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """One JSON object a line, UTF-8."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8")


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def read_json_file(path: str) -> dict[str, Any]:
    """The JSON object in a file; empty if there is none that can be read."""
    try:
        return dict(json.loads(storage.read_if_there(path) or b"{}"))
    except (ValueError, TypeError, RecursionError):
        return {}
