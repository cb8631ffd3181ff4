"""An output folder is fresh, half-finished or finished, and belongs to one input and one set of settings."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beam_jobs.records import (
    MANIFEST_NAME,
    REJECTED_FOLDER,
    SAMPLES_NAME,
    SAMPLES_TEXT_NAME,
    STATS_NAME,
    WORK_FOLDER,
    Manifest,
    manifest_from_json,
)
from beam_jobs.settings import InstanceSettings, Settings, VocabularySettings, output_settings
from beam_jobs.transforms import storage
from vocab.errors import UserError

_RUN_NAME = "run.json"  # in the work folder: which settings the unfinished run has
_OURS = ("sentences-", "instances-", MANIFEST_NAME, STATS_NAME)
_LEFT_BY_A_KILL = re.compile(r"tmp/\.run\.json\.[^/]*\.tmp")  # in the work folder, before there is a run.json


@dataclass(frozen=True)
class OutputState:
    """How far an earlier run came: `finished` is its manifest when there is nothing left to do."""

    finished: Manifest | None
    resumed: bool


def temporary_folder(output: str) -> str:
    """Where files of an unfinished run lie until they get their final names."""
    return storage.join(output, WORK_FOLDER, "tmp")


def prepare_output(
    output: str, settings: Settings, hash: str, copies: Mapping[str, bytes] | None = None
) -> OutputState:
    """Make `output` ready for a run, or find that it has been done.

    Args:
        output: the folder or URI; made if need be.
        settings: of the job; compared by what decides the output bytes.
        hash: of these settings and the input plan (`settings_hash(settings, input=...)`).
        copies: files that the job writes and that may lie there already with the same bytes, by name.

    Raises:
        UserError: the folder cannot be written to, or holds a corpus, finished or half of one, made with other settings
            or from other input, or files that the job would overwrite and that no job wrote; the message names them.
    """
    try:
        storage.make_folder(output)
        manifest = _finished(output)
        if manifest is not None:
            _require_same(output, "a finished", manifest.settings_hash, manifest.settings, settings, hash)
            _require_shards(output, manifest)
            remove_work(output)
            return OutputState(manifest, resumed=True)
        run_path = storage.join(output, WORK_FOLDER, _RUN_NAME)
        if storage.exists(run_path):
            run = _read_json(run_path)
            _require_same(output, "half of a", run.get("settings_hash", ""), run.get("settings", {}), settings, hash)
            storage.remove_folder(temporary_folder(output))  # of a run that was killed
            _probe(output)
            return OutputState(None, resumed=True)
        _require_free(output, settings, copies or {})
        run = {"settings_hash": hash, "settings": output_settings(settings)}
        storage.write_atomically(run_path, json.dumps(run).encode(), temporary_folder(output))
        return OutputState(None, resumed=False)
    except UserError:
        raise
    except Exception as error:  # every object store has its own way to say no
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"cannot use --output {output}: {reason}; choose a folder that you may write to") from error


def remove_work(output: str) -> None:
    """Remove what only an unfinished run needs; to be called by the driver when the pipeline is done.

    A work folder is known as a job's by its `run.json`, which goes last; without one, nothing is removed.
    """
    work = storage.join(output, WORK_FOLDER)
    names = storage.list_folder(work)
    if not names or _RUN_NAME in names:
        storage.delete(storage.join(work, name) for name in names if name != _RUN_NAME)
        storage.remove_folder(work)


def _require_free(output: str, settings: Settings, copies: Mapping[str, bytes]) -> None:
    """Raise UserError when a run that begins in `output` would mix with, overwrite or remove files of others."""
    names = storage.list_folder(output)
    foreign = [name for name in names if name.rpartition("/")[2].startswith(_OURS)]
    if foreign:
        raise UserError(
            f"--output {output} already holds {foreign[0]} of another run; remove that folder or choose another --output"
        )
    written = {SAMPLES_NAME, SAMPLES_TEXT_NAME} if isinstance(settings, InstanceSettings) else {REJECTED_FOLDER}
    if isinstance(settings, VocabularySettings):
        written |= {"vocab.txt", f"{settings.name}.json"}
    taken = [name for name in names if name.partition("/")[0] in written]
    for name, data in copies.items():
        if name in names and storage.read_bytes(storage.join(output, name)) != data:
            taken.append(name)
    work = f"{WORK_FOLDER}/"
    taken += [n for n in names if n.startswith(work) and not _LEFT_BY_A_KILL.fullmatch(n.removeprefix(work))]
    if taken:
        raise UserError(
            f"--output {output} already holds {taken[0]}, which no job here wrote and this one would overwrite or remove; "
            "move it away or choose another --output"
        )


def _finished(output: str) -> Manifest | None:
    """The manifest of a finished corpus: the statistics are there too, since they are written last."""
    manifest_path, stats_path = storage.join(output, MANIFEST_NAME), storage.join(output, STATS_NAME)
    if not (storage.exists(manifest_path) and storage.exists(stats_path)):
        return None
    try:
        return manifest_from_json(storage.read_bytes(manifest_path).decode())
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"--output {output}: its {MANIFEST_NAME} is none of ours ({error}); choose another --output"
        ) from error


def _require_shards(output: str, manifest: Manifest) -> None:
    missing = {shard.name for shard in manifest.shards} - set(storage.list_folder(output))
    if missing:
        raise UserError(
            f"--output {output} holds a finished corpus but {min(missing)} is missing; remove that folder to make it again"
        )


def _require_same(output: str, what: str, hash_there: str, settings_there: Any, settings: Settings, hash: str) -> None:
    if hash_there == hash:
        return
    ours = output_settings(settings)
    names = [name for name in {**ours, **settings_there} if ours.get(name) != settings_there.get(name)]
    if set(ours) != set(settings_there):
        difference = "by another job or version"
    elif names:
        difference = "with " + ", ".join(f"--{name} {settings_there[name]} (now {ours[name]})" for name in names)
    else:
        difference = "from other input files"
    raise UserError(
        f"--output {output} already holds {what} corpus made {difference}; choose another --output, or remove that folder"
    )


def _probe(output: str) -> None:
    """Fail now, not after an hour, when the folder of an earlier run cannot be written to any more."""
    storage.write_atomically(storage.join(output, WORK_FOLDER, "probe"), b"", temporary_folder(output))


def _read_json(path: str) -> dict[str, Any]:
    try:
        content = json.loads(storage.read_bytes(path))
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}
