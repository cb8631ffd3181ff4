"""Finds the sentence shards that an instances job reads, and hashes what they are."""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.earlier_outputs import OUTPUT_KINDS, SENTENCES, read_manifest
from beam_jobs.inputs.list_inputs import list_each_input
from beam_jobs.inputs.match_inputs import file_identity
from beam_jobs.inputs.name_list import count_files, first_names
from beam_jobs.inputs.splits import splits_of, tell_splits
from beam_jobs.records import MANIFEST_NAME, SPLITS, Manifest
from beam_jobs.storage.paths import is_remote

MAKE_AGAIN = "remove that folder and run the segment job again"
"""The remedy for a damaged corpus.

The folder must go first, because a job takes a folder with a manifest for finished.
"""

RAW_TEXT = "; if it is raw text, run the segment job on it first: instances are made of its sentence shards"
ENDINGS = (".txt",)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class SentenceFile:
    """A sentence shard as the driver finds it.

    If a manifest lists the file, `crc32c` is its checksum. If not, `crc32c` is empty and `version` is what
    `storage.state` says of the file.
    """

    uri: str
    name: str  # relative to the input folder, so that the plan does not depend on where the corpus lies
    size: int  # bytes
    split: str
    crc32c: str = ""
    version: str = ""


def find_sentences(inputs: Sequence[str], own_output: str = "") -> tuple[list[SentenceFile], str]:
    """The sentence files below `inputs`, and a hash of what they are that does not depend on where they lie.

    If a folder has a manifest of the segment job, its files are the shards of that manifest and no others; each is
    checked by its CRC when it is read. Any other input consists of `.txt` files in the form of sentence shards. Below
    such a folder, the outputs of earlier segment jobs are read too, but not those of other jobs. A corpus or file that
    is named twice is read once. Files in `own_output`, the folder that the job writes to, are not input.

    Raises:
        UserError: nothing matches, a corpus is unfinished, or a shard of a manifest is missing or has another size.
    """
    corpora = corpora_among(inputs)
    shards = {path: _of_manifest(path, manifest) for path, manifest in corpora.items() if manifest is not None}
    claimed = {file_identity(file.uri) for of_corpus in shards.values() for file in of_corpus}
    patterns = [path for path in corpora if path not in shards]
    kinds = OUTPUT_KINDS - {SENTENCES}
    listed = dict(
        zip(
            patterns,
            list_each_input(patterns, ENDINGS, own_output=own_output, not_text=kinds, other_kinds=RAW_TEXT),
            strict=True,
        )
    )
    foreign = [file for found in listed.values() for file in found]
    empty = [file.name for file in foreign if not file.size]
    if empty:
        _LOG.warning("%s without a byte: %s", count_files(empty), first_names(empty))
    splits = dict(zip((f.uri for f in foreign), splits_of([f.name for f in foreign]), strict=True))
    tell_splits([file.name for file in foreign], list(splits.values()))
    files: list[SentenceFile] = []
    names: list[object] = []
    for path, manifest in corpora.items():
        if manifest is None:
            found = [
                SentenceFile(f.uri, f.name, f.size, splits[f.uri] or SPLITS[0], version=f.version)
                for f in listed[path]
                if not claimed or file_identity(f.uri) not in claimed
            ]
            files += found
            names += sorted((file.name, file.size) for file in found)
        else:
            files += _checked(storage.absolute(path), shards[path])
            names.append(manifest.settings_hash)
    if not files:
        raise UserError(f"--input {' '.join(inputs)} lies inside --output {own_output}; choose another --output")
    content = names[0] if len(names) == 1 and isinstance(names[0], str) else names
    return files, content if isinstance(content, str) else hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def corpora_among(inputs: Sequence[str]) -> dict[str, Manifest | None]:
    """Each input once, with its manifest, or None if it has none. Logs which corpora were named twice."""
    found: dict[str, Manifest | None] = {}
    seen: dict[str, str] = {}
    for path in inputs:
        manifest = read_manifest(path)
        identity = file_identity(storage.join(storage.absolute(path), MANIFEST_NAME)) if manifest else path
        if identity in seen:
            _LOG.warning("named more than once and read once: %s", seen[identity])
            continue
        seen[identity] = path
        found[path] = manifest
    return found


def files_of_corpus(folder: str, manifest: Manifest) -> list[SentenceFile]:
    """The shards of a sentence corpus that the segment job wrote."""
    return [
        SentenceFile(storage.join(folder, shard.name), shard.name, shard.bytes, shard.split, shard.crc32c)
        for shard in manifest.shards
    ]


def _of_manifest(folder: str, manifest: Manifest) -> list[SentenceFile]:
    if manifest.kind != "sentences":
        raise UserError(f"--input {folder} holds {manifest.kind}, not sentences; name the output of the segment job")
    return files_of_corpus(storage.absolute(folder), manifest)


def _checked(folder: str, files: list[SentenceFile]) -> list[SentenceFile]:
    """The shards of a corpus, which must all be there. An object store is asked for one listing, not for each of them."""
    listed = dict(storage.list_files(folder)) if is_remote(folder) else None
    for file in files:
        size = None if listed is None else listed.get(file.name)
        if size is None:  # a store may list an object late
            size = _size(file.uri)
        if size is None:
            raise UserError(f"{file.uri} is missing but stands in {folder}'s manifest; {MAKE_AGAIN}")
        if size != file.size:
            raise UserError(f"{file.uri} is not the {file.size:,} bytes of its manifest; {MAKE_AGAIN}")
    return files


def _size(uri: str) -> int | None:
    try:
        return storage.size(uri)
    except FileNotFoundError:
        return None
