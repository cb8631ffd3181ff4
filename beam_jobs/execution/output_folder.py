"""Prepares output folders. A folder is new, half-finished or finished; it has one input and one set of settings.

A half-finished corpus is kept, so that the same command can continue it. A command with other settings or other input
may replace it in three cases: nothing is finished, the finished part does not depend on what has changed, or the run
failed and its message advised this change.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import EnvironmentUserError, UserError
from beam_jobs.execution.earlier_outputs import RUN_NAME
from beam_jobs.execution.failures import advice
from beam_jobs.execution.unfinished_run import (
    Run,
    finished_rows,
    is_leftover,
    read_run,
    require_ended,
    this_process,
    write_run,
)
from beam_jobs.records import (
    FILTERED_FOLDER,
    MANIFEST_NAME,
    REJECTED_FOLDER,
    SAMPLES_NAME,
    SAMPLES_TEXT_NAME,
    STATS_NAME,
    WORK_FOLDER,
    Manifest,
    manifest_from_json,
)
from beam_jobs.settings import InstanceSettings, SegmentSettings, Settings, VocabularySettings, output_settings
from beam_jobs.settings.hashing import with_young_settings
from beam_jobs.storage.paths import is_remote

_OURS = ("sentences-", "instances-", "vectors-", MANIFEST_NAME, STATS_NAME)
_LEFT_BY_A_KILL = re.compile(r"tmp/\.run\.json\.[^/]*\.tmp")  # may be in the work folder before there is a run.json


@dataclass(frozen=True)
class OutputState:
    """How far an earlier run got. If it finished, `finished` is its manifest."""

    finished: Manifest | None
    resumed: bool


def temporary_folder(output: str) -> str:
    """The folder for files of an unfinished run until they get their final names."""
    return storage.join(output, WORK_FOLDER, "tmp")


def write_output(output: str, name: str, data: bytes) -> None:
    """Write a small file of the output folder, completely or not at all."""
    storage.write_atomically(storage.join(output, name), data, temporary_folder(output))


def prepare_output(
    output: str,
    settings: Settings,
    hash: str,
    copies: Mapping[str, bytes] | None = None,
    reusable: tuple[str, str] = ("", ""),
) -> OutputState:
    """Prepare `output` for a run, or find that an earlier run has finished it.

    Args:
        output: the folder or URI; it is made if necessary.
        settings: of the job. Only those that decide the output bytes are compared.
        hash: of these settings and the input plan (`settings_hash(settings, input=...)`).
        copies: files that the job writes, by name. They may be there already with the same bytes.
        reusable: a step of the job, and a hash of everything that its rows depend on, if that is less than `hash`.

    Raises:
        UserError: the folder cannot be written to, or another process is writing to it; or it holds a finished or
            half-finished corpus of other settings or other input; or it holds files that no job wrote and that this one
            would overwrite. The message names them.
    """
    try:
        storage.make_folder(output)
        manifest = finished_manifest(output)
        if manifest is not None:
            _require_same(output, "a finished", manifest.settings_hash, manifest.settings, settings, hash)
            _require_shards(output, manifest)
            remove_work(output)
            return OutputState(manifest, resumed=True)
        there = read_run(output)
        found = tuple(name for name in copies or {} if storage.exists(storage.join(output, name)))
        if there is None:
            _require_free(output, storage.list_folder(output), settings, copies or {})
        else:
            require_ended(output, there)
            found = tuple(name for name in found if name in there.found)
            if there.settings_hash != hash:
                _take_over(output, there, settings, hash, copies or {}, reusable)
            storage.remove_folder(temporary_folder(output))  # left by a run that was killed
        run = Run(type(settings).__name__, hash, output_settings(settings), reusable, found, this_process())
        write_run(output, run, temporary_folder(output))
        return OutputState(None, resumed=there is not None)
    except UserError:
        raise
    except Exception as error:  # each object store raises its own exceptions
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"cannot use --output {output}: {reason}; choose a folder that you may write to") from error


def remove_work(output: str) -> None:
    """Remove what only an unfinished run needs. The driver calls this after the pipeline.

    A `run.json` marks a work folder as that of a job. It is removed last; without it, only files are removed that have
    the names of a job's work items.
    """
    work = storage.join(output, WORK_FOLDER)
    names = storage.list_folder(work)
    if not names or RUN_NAME in names:
        storage.delete(storage.join(work, name) for name in names if name != RUN_NAME)
        storage.remove_folder(work)
    else:  # written by a worker that came back late, or missing in the listing when the folder was cleared
        storage.delete(storage.join(work, name) for name in names if is_leftover(name))
        storage.remove_empty_folders(work)


def _take_over(
    output: str, there: Run, settings: Settings, hash: str, copies: Mapping[str, bytes], reusable: tuple[str, str]
) -> None:
    """If the unfinished run `there` may be replaced, remove what it wrote and the new run cannot use."""
    names = storage.list_folder(output)
    step = reusable[0] if reusable[0] and tuple(there.reusable) == reusable else ""
    finished = finished_rows(names, step)
    if not there.job or (finished and not _is_advised(output, there, settings)):
        _require_same(output, "half of a", there.settings_hash, there.settings, settings, hash)
    useless = there.wrote(names)
    _require_free(output, [name for name in names if name not in useless], settings, copies)
    if finished:
        difference = _difference(there.settings, settings)
        print(f"beambert: {output}: the unfinished run there was made {difference}; beginning anew", file=sys.stderr)
    work = WORK_FOLDER + "/"
    if step:
        useless = {name for name in useless if not name.startswith(work)} | {*finished}
    run_json = storage.join(WORK_FOLDER, RUN_NAME)
    storage.delete(storage.join(output, name) for name in sorted(useless) if name != run_json)
    for folder in (REJECTED_FOLDER, FILTERED_FOLDER):
        storage.remove_folder(storage.join(output, folder))  # of the run `there`; empty by now


def _is_advised(output: str, there: Run, settings: Settings) -> bool:
    """Whether the run `there` failed and its message advised to change the input, or a setting that is changed now.

    Then what it finished has the old value of that setting and is lost anyway, so other changes may be made as well.
    """
    said = advice(output)
    changed = _changed(there.settings, settings)
    followed = not changed or any(re.search(rf"--{name}\b", said) for name in changed)
    return bool(said) and there.job == type(settings).__name__ and followed


def _require_free(output: str, names: Sequence[str], settings: Settings, copies: Mapping[str, bytes]) -> None:
    """Raise UserError if a run that begins in `output` would mix with, overwrite or remove files of others."""
    foreign = [name for name in names if name.rpartition("/")[2].startswith(_OURS)]
    if foreign:
        raise UserError(
            f"--output {output} already holds {foreign[0]} of another run; remove that folder or choose another --output"
        )
    written = {SAMPLES_NAME, SAMPLES_TEXT_NAME} if isinstance(settings, InstanceSettings) else {REJECTED_FOLDER}
    if isinstance(settings, SegmentSettings):
        written |= {FILTERED_FOLDER}
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


def finished_manifest(output: str) -> Manifest | None:
    """The manifest of a finished corpus, which is one that has statistics, since these are written last.

    None if there is no finished corpus. Raises UserError if the manifest is not that of a job.
    """
    manifest_path, stats_path = storage.join(output, MANIFEST_NAME), storage.join(output, STATS_NAME)
    if not (storage.exists(manifest_path) and storage.exists(stats_path)):
        return None
    try:
        return manifest_from_json(storage.read_bytes(manifest_path).decode(), manifest_path)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"--output {output}: its {MANIFEST_NAME} is none of ours ({error}); choose another --output"
        ) from error


def require_written(output: str, manifest: Manifest) -> None:
    """Raise UserError if a shard is missing or has another size. The job calls this before it writes the manifest.

    A worker of an earlier run with other settings may still have written after this run had finished the shard.
    """
    for name, wrong in _wrong_shards(output, manifest):
        reason = "because another process wrote to --output while the job ran"
        remedy = "stop that process and run the same command again, it makes the shard again"
        raise EnvironmentUserError(f"{storage.join(output, name)} is {wrong}, {reason}; {remedy}")


def _require_shards(output: str, manifest: Manifest) -> None:
    for name, wrong in _wrong_shards(output, manifest):
        raise UserError(
            f"--output {output} holds a finished corpus but {name} is {wrong}; remove that folder to make it again"
        )


def _wrong_shards(output: str, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Name and defect of each shard that is missing or has another size; in a store by one listing of the folder."""
    sizes = dict(storage.list_files(output)) if manifest.shards and is_remote(output) else {}
    for shard in manifest.shards:
        if sizes.get(shard.name) != shard.bytes:  # a listing may be late, and so may the size in it
            try:
                size = storage.size(storage.join(output, shard.name))
            except FileNotFoundError:
                yield shard.name, "missing"
                continue
            if size != shard.bytes:
                yield shard.name, f"not the {shard.bytes:,} bytes of its manifest"


def _require_same(output: str, what: str, hash_there: str, settings_there: Any, settings: Settings, hash: str) -> None:
    if hash_there != hash:
        raise UserError(
            f"--output {output} already holds {what} corpus made {_difference(settings_there, settings)}; "
            "choose another --output, or remove that folder"
        )


def _difference(settings_there: dict[str, Any], settings: Settings) -> str:
    ours = with_young_settings(output_settings(settings), type(settings))
    settings_there = with_young_settings(settings_there, type(settings))
    names = [name for name in {**ours, **settings_there} if ours.get(name) != settings_there.get(name)]
    if set(ours) != set(settings_there):
        return "by another job or version"
    if names:
        return "with " + ", ".join(
            f"--{name} {_shown(settings_there[name])} (now {_shown(ours[name])})" for name in names
        )
    evaluation = ", or with other --decontaminate files" if isinstance(settings, SegmentSettings) else ""
    return f"from other input files{evaluation}"


def _shown(value: Any) -> Any:
    return " ".join(value) or "none" if isinstance(value, list | tuple) else value


def _changed(settings_there: dict[str, Any], settings: Settings) -> list[str]:
    ours = output_settings(settings)
    return [name for name in {**ours, **settings_there} if ours.get(name) != settings_there.get(name)]
