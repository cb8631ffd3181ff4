"""Finds what `inspect` reads: the shards that paths name, and their vocabulary and statistics."""

import dataclasses
import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.inputs.match_inputs import file_identity
from beam_jobs.records import (
    MANIFEST_NAME,
    STATS_NAME,
    VOCABULARY_NAME,
    VOCABULARY_NAMES,
    Manifest,
    manifest_from_json,
    stats_from_json,
)
from beam_jobs.settings.objectives import Objective, objective_of
from beam_jobs.storage.paths import is_remote
from vocab.fetch import fetch_vocabulary
from vocab.model_class import load_model_class
from vocab.vocabulary import Vocabulary, load_vocabulary, parse_vocabulary

_OTHER_FILES = (".json", ".jsonl", ".txt", ".md", ".html", ".log", ".csv", ".tsv", ".crc", ".npy", ".py", ".toml")


@dataclass(frozen=True)
class ShardFile:
    """One file to read. `records` and `size` are those in the manifest, or -1 if there is none."""

    uri: str
    name: str
    records: int = -1
    size: int = -1


@dataclass(frozen=True)
class Corpus:
    """Shards, with the files beside them."""

    title: str
    shards: tuple[ShardFile, ...]
    vocabulary: Vocabulary
    vocabulary_uri: str
    manifest: Manifest | None = None
    stats: Mapping[str, Any] = field(default_factory=dict)  # of corpus_stats.json; empty where there is none
    sentence_stats: Mapping[str, Any] = field(
        default_factory=dict
    )  # of the sentences that the instances were made from

    @property
    def objective(self) -> Objective:
        """What the instances were made for, and so what their labels say; BERT's where nothing tells."""
        return objective_of(self.manifest.settings if self.manifest else {})

    @property
    def labels(self) -> tuple[str, ...]:
        """What each value of a label says. Records without a task carry labels too, all 0."""
        return self.objective.label_words


def open_corpus(paths: Sequence[str], vocab_file: str = "", model_class: str = "", vocab_dir: str = "") -> Corpus:
    """Find the shards that `paths` (shards, folders, globs or URIs) name, their vocabulary and their statistics.

    The vocabulary is `vocab_file`, that of `model_class`, or the copy that our own folders hold. Raises UserError for
    a path without shards, a folder of something else, and shards whose vocabulary is nowhere to be found.
    """
    if not paths:
        raise UserError("name an instance shard or a folder of them to inspect")
    shards: dict[str, ShardFile] = {}
    homes: dict[str, Manifest | None] = {}
    for path in paths:
        folder = corpus_folder(path)
        manifest = _read_manifest(folder, named=True) if folder else None
        if folder and manifest:
            homes[folder] = manifest
            found = [
                ShardFile(storage.join(folder, shard.name), shard.name, shard.records, shard.bytes)
                for shard in manifest.shards
            ]
        else:
            found = list_shards(path)
            home = _home(found[0].uri)
            homes[home] = _read_manifest(home, named=False)
        for shard in found:
            shards.setdefault(file_identity(shard.uri), shard)  # a link and its target are one shard
    if len({shard.name for shard in shards.values()}) < len(shards):
        shards = {key: dataclasses.replace(shard, name=shard.uri) for key, shard in shards.items()}
    home, manifest = next(iter(homes.items()))
    vocabulary, uri = _vocabulary(home, manifest, vocab_file, model_class, vocab_dir)
    whole = len(homes) == 1 and manifest is not None and len(shards) == len(manifest.shards)
    stats = _read_stats(home, named=bool(corpus_folder(paths[0]))) if whole else {}
    return Corpus(
        title=paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more",
        shards=tuple(shards.values()),
        vocabulary=vocabulary,
        vocabulary_uri=uri,
        manifest=manifest if whole else None,
        stats=stats,
        sentence_stats=_sentence_stats(home, stats) if whole else {},
    )


def sentence_folder(path: str) -> str:
    """The folder of finished sentences that `path` names: itself, or the sentences of a corpus job, or ""."""
    for folder in (path, storage.join(path, "sentences")):
        uri = storage.join(folder, MANIFEST_NAME)
        if storage.exists(uri) and storage.exists(storage.join(folder, STATS_NAME)):
            try:
                kind = read_manifest(folder).kind
            except _NoManifestError:
                continue
            if kind == "sentences":
                return folder
    return ""


def _sentence_stats(home: str, stats: Mapping[str, Any]) -> dict[str, Any]:
    """The statistics of the sentences, if they still lie where the job read them, or beside the instances; else nothing."""
    inputs = stats.get("data_dir", "")
    for folder in (
        inputs if isinstance(inputs, str) else "",
        storage.join(posixpath.dirname(home.rstrip("/")), "sentences"),
    ):
        found = sentence_folder(folder) if folder else ""
        if found:
            return read_sentence_stats(found)
    return {}


def read_sentence_stats(folder: str) -> dict[str, Any]:
    """The statistics in a folder of sentences; nothing if the file is none of ours."""
    return _read_stats(folder, named=False)


def corpus_folder(path: str) -> str:
    """The folder with a manifest that `path` names: itself, or the instances in the output of a corpus job, or ""."""
    for folder in (path, storage.join(path, "instances")):
        if storage.exists(storage.join(folder, MANIFEST_NAME)):
            return folder
    return ""


def _read_manifest(folder: str, named: bool) -> Manifest | None:
    """The manifest in the folder. If the user named the shards themselves, one that cannot be read counts as none."""
    uri = storage.join(folder, MANIFEST_NAME)
    if not storage.exists(uri):
        return None
    try:
        manifest = read_manifest(folder)
    except _NoManifestError:
        if not named:
            return None
        raise
    if manifest.kind != "instances":
        raise UserError(f"{folder} holds {manifest.kind}, no instances; name the folder of an instances job")
    return manifest


class _NoManifestError(UserError):
    """The file is there, but no version of ours wrote it."""


def read_manifest(folder: str) -> Manifest:
    """The manifest in a folder that has one, whatever its kind. Raises UserError if it cannot be read."""
    uri = storage.join(folder, MANIFEST_NAME)
    try:
        return manifest_from_json(storage.read_bytes(uri).decode(), uri)
    except (ValueError, KeyError, TypeError) as error:
        raise _NoManifestError(f"{uri}: no manifest of ours ({error}); inspect the shards by name instead") from error


def list_shards(path: str) -> list[ShardFile]:
    """The instance shards that `path` names. Raises UserError if there is none."""
    try:
        files = list_inputs([path], [""])
    except UserError:
        here = not is_remote(path) and os.path.exists(storage.absolute(path))  # noqa: PTH110 (False for a name that is too long)
        what = "holds no file to look at" if here else "no such file or folder"
        raise UserError(f"{path}: {what}; name an instance shard or a folder of them") from None
    if len(files) == 1 and files[0].uri.endswith(posixpath.basename(path)):
        return [ShardFile(files[0].uri, files[0].name)]  # named directly, so its ending does not matter
    shards = [ShardFile(f.uri, f.name) for f in files if not f.name.lower().endswith(_OTHER_FILES)]
    if not shards:
        raise UserError(
            f"{path}: holds no instance shard ({files[0].name} is none); name the output of an instances job"
        )
    return shards


def _home(uri: str) -> str:
    """The corpus folder of a shard: its own folder, or the one above for shards in train/, dev/ and test/."""
    folder = posixpath.dirname(uri)
    above = posixpath.dirname(folder)
    for candidate in (folder, above):
        if any(storage.exists(storage.join(candidate, name)) for name in VOCABULARY_NAMES):
            return candidate
    return folder


def _vocabulary(
    home: str, manifest: Manifest | None, vocab_file: str, model_class: str, vocab_dir: str
) -> tuple[Vocabulary, str]:
    if vocab_file:
        try:
            return load_vocabulary(vocab_file), vocab_file
        except UserError as error:
            raise UserError(f"--vocab_file {error}") from error
    if model_class:
        path = str(fetch_vocabulary(load_model_class(model_class), vocab_dir))
        return load_vocabulary(path), path
    there = (storage.join(home, name) for name in VOCABULARY_NAMES)
    uri = next((uri for uri in there if storage.exists(uri)), "")
    if not uri:
        raise UserError(
            f"{home}: no {VOCABULARY_NAME} beside the shards; "
            "name the vocabulary they were made with by --vocab_file or --model_class"
        )
    vocabulary = parse_vocabulary(storage.read_bytes(uri), uri)
    expected = manifest.vocabulary.get("sha256") if manifest else None
    if expected and vocabulary.sha256 != expected:
        raise UserError(f"{uri}: not the vocabulary that the manifest names; name the right one by --vocab_file")
    return vocabulary, uri


def _read_stats(folder: str, named: bool) -> dict[str, Any]:
    uri = storage.join(folder, STATS_NAME)
    if not storage.exists(uri):
        return {}
    try:
        return stats_from_json(storage.read_bytes(uri).decode(), uri)
    except ValueError as error:
        if not named:
            return {}
        raise UserError(f"{uri}: holds no statistics ({error}); remove it, or inspect the shards by name") from error
