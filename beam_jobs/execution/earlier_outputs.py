"""Recognises folders that a job or the trainer wrote, because corpora, vocabularies and models are not raw text."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import (
    FILTERED_FOLDER,
    MANIFEST_NAME,
    REJECTED_FOLDER,
    SAMPLES_NAME,
    SAMPLES_TEXT_NAME,
    SPLITS,
    STATS_NAME,
    VOCABULARY_NAMES,
    WORK_FOLDER,
    Manifest,
    manifest_from_json,
)

SENTENCES, INSTANCES, VOCABULARY, MODEL, VECTORS = "sentences", "instances", "vocabulary", "model", "vectors"
OUTPUT_KINDS = frozenset((SENTENCES, INSTANCES, VOCABULARY, MODEL, VECTORS))

RUN_NAME = "run.json"  # in the work folder of an unfinished run: its settings
_EXPORT_MARKER, _PLAN_NAME = "beambert_export.json", "plan.json"  # of the trainer, which the jobs must not import
_HINTS = {MANIFEST_NAME, STATS_NAME, SAMPLES_NAME, SAMPLES_TEXT_NAME, *VOCABULARY_NAMES, _EXPORT_MARKER, _PLAN_NAME}
_SHARD = re.compile(r"(sentences|instances|vectors)-\d{5}-of-\d{5}\.")


@dataclass(frozen=True, slots=True)
class EarlierOutput:
    """What a folder holds: one of OUTPUT_KINDS, and whether the job that writes it has finished."""

    kind: str
    finished: bool


def earlier_output(folder: str) -> EarlierOutput | None:
    """What a job or the trainer wrote into `folder`; None if nothing."""
    manifest = _read_json(storage.join(folder, MANIFEST_NAME))
    if manifest.get("kind") in OUTPUT_KINDS and "settings_hash" in manifest:
        return EarlierOutput(manifest["kind"], finished=True)
    run = _read_json(storage.join(folder, WORK_FOLDER, RUN_NAME))
    if "settings_hash" in run:
        settings = run.get("settings", {})
        marks = {"documents_are": SENTENCES, "vocab_size": VOCABULARY, "pooling": VECTORS}
        kind = next((kind for name, kind in marks.items() if name in settings), INSTANCES)
        return EarlierOutput(kind, finished=False)
    if _read_json(storage.join(folder, _EXPORT_MARKER)) or "identity" in _read_json(storage.join(folder, _PLAN_NAME)):
        return EarlierOutput(MODEL, finished=True)
    return None


def earlier_outputs_among(names: Iterable[str], root: str) -> dict[str, EarlierOutput]:
    """The folders below `root` that hold an earlier output, by their path relative to it, without a slash at its end.

    `names` are paths of files relative to `root`. A folder is examined only if one of its files has a name that the
    jobs or the trainer use, because in an object store every look costs a request.
    """
    found = {}
    for folder in sorted({folder for name in names for folder in _hinted_folders(name)}):
        output = earlier_output(storage.join(root, folder))
        if output is not None:
            found[folder] = output
    return found


def read_manifest(folder: str) -> Manifest | None:
    """The manifest in `folder`, None when there is none of ours; a folder that a job has not finished is a UserError."""
    folder = storage.absolute(folder)
    path = storage.join(folder, MANIFEST_NAME)
    if storage.exists(path):
        try:
            content = json.loads(storage.read_bytes(path))
            foreign = isinstance(content, list) or (bool(content) and "settings_hash" not in content)
            if not foreign:
                return manifest_from_json(json.dumps(content), path)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f"{path} is not a manifest ({error}); remove that folder and run the job that wrote it again, "
                f"or name the files beside it by a glob, such as {folder}/*.txt"
            ) from error
    if storage.exists(storage.join(folder, WORK_FOLDER, RUN_NAME)):
        raise UserError(f"{folder} holds an unfinished corpus; run the job that writes it again, it goes on from there")
    return None


def _hinted_folders(name: str) -> list[str]:
    """The folders that may be an output because a file of this name is in or below them; none for the root."""
    *folders, base = name.split("/")
    hinted = []
    if base in _HINTS or _SHARD.match(base):
        hinted.append(folders)
        if folders and folders[-1] in SPLITS:
            hinted.append(folders[:-1])
    if folders and folders[-1] in (REJECTED_FOLDER, FILTERED_FOLDER):
        hinted.append(folders[:-1])
    if WORK_FOLDER in folders:
        hinted.append(folders[: folders.index(WORK_FOLDER)])
    return ["/".join(parts) for parts in hinted if parts]


def _read_json(uri: str) -> dict[str, Any]:
    """The JSON object in a file; empty if there is none."""
    if not storage.exists(uri):
        return {}
    try:
        content = json.loads(storage.read_bytes(uri))
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
