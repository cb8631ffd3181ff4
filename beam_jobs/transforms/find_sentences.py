"""Finds the sentence shards that an instances job is to read, and gives their content a name."""

import hashlib
import json
from collections.abc import Sequence

from beam_jobs.records import MANIFEST_NAME, SPLITS, WORK_FOLDER, Manifest, manifest_from_json
from beam_jobs.transforms import storage
from beam_jobs.transforms.plan_instances import SentenceFile
from beam_jobs.transforms.splits import folder_split
from vocab.errors import UserError


def find_sentences(inputs: Sequence[str]) -> tuple[list[SentenceFile], str]:
    """The sentence files below `inputs`, and a hash of what they are that does not depend on where they lie.

    A folder with a manifest of ours is taken at its word: its shards, no other file, each checked by its CRC when it is
    read. Other inputs are `.txt` files of that form.

    Raises:
        UserError: nothing matches, a corpus is unfinished, or a shard of a manifest is missing or has another size.
    """
    files: list[SentenceFile] = []
    names: list[object] = []
    for path in inputs:
        manifest = read_manifest(path)
        if manifest is None:
            found = [
                SentenceFile(f.uri, f.name, f.size, folder_split(f.name) or SPLITS[0])
                for f in storage.list_inputs([path], [".txt"])
            ]
            files += found
            names += sorted((file.name, file.size) for file in found)
        else:
            files += [_checked(storage.absolute(path), file) for file in _of_manifest(path, manifest)]
            names.append(manifest.settings_hash)
    content = names[0] if len(names) == 1 and isinstance(names[0], str) else names
    return files, content if isinstance(content, str) else hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def files_of_corpus(folder: str, manifest: Manifest) -> list[SentenceFile]:
    """The shards of a sentence corpus of ours."""
    return [
        SentenceFile(storage.join(folder, shard.name), shard.name, shard.bytes, shard.split, shard.crc32c)
        for shard in manifest.shards
    ]


def read_manifest(folder: str) -> Manifest | None:
    """The manifest in `folder`, None when there is none; a folder that a job has not finished is a UserError."""
    path = storage.join(storage.absolute(folder), MANIFEST_NAME)
    if not storage.exists(path):
        if storage.exists(storage.join(storage.absolute(folder), WORK_FOLDER)):
            raise UserError(
                f"{folder} holds an unfinished corpus; run the job that writes it again, it goes on from there"
            )
        return None
    try:
        return manifest_from_json(storage.read_bytes(path).decode())
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is not a manifest ({error}); run the job that wrote it again") from error


def _of_manifest(folder: str, manifest: Manifest) -> list[SentenceFile]:
    if manifest.kind != "sentences":
        raise UserError(f"--input {folder} holds {manifest.kind}, not sentences; name the output of the segment job")
    return files_of_corpus(storage.absolute(folder), manifest)


def _checked(folder: str, file: SentenceFile) -> SentenceFile:
    if not storage.exists(file.uri):
        raise UserError(f"{file.uri} is missing but stands in {folder}'s manifest; run the segment job again")
    if storage.size(file.uri) != file.size:
        raise UserError(f"{file.uri} is not the {file.size:,} bytes of its manifest; run the segment job again")
    return file
