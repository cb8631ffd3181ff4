"""Finds the shards of a split and their numbers of records: in the manifest, or by counting those of other tools."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import MANIFEST_NAME, Manifest, manifest_from_json
from trainer.data.record_index import RecordIndex
from vocab.vocabulary import Vocabulary, load_vocabulary

_SHARD = re.compile(r"tfrecord|tf_examples?", re.IGNORECASE)
_HELD_OUT_NAME = re.compile(
    r"(?:^|[^a-z])(?:dev|test|eval|valid(?:ation)?|heldout|held_out)(?:[^a-z]|$)", re.IGNORECASE
)
_HELD_OUT_SPLITS = ("dev", "test")


@dataclass(frozen=True)
class DataShard:
    """One file of records."""

    name: str  # relative to its folder
    uri: str
    bytes: int
    records: int


@dataclass(frozen=True)
class DataSplit:
    """The shards of one split of a folder, in the order of their names."""

    folder: str
    split: str
    shards: tuple[DataShard, ...]
    manifest: Manifest | None

    @property
    def records(self) -> int:
        """Records in all shards."""
        return sum(shard.records for shard in self.shards)

    def vocabulary(self) -> Vocabulary:
        """The vocabulary that the records were made with.

        Raises UserError if it is not beside them, or is another one.
        """
        entry = self.manifest.vocabulary if self.manifest else {}
        path = storage.join(self.folder, str(entry.get("file", "vocab.txt")))
        vocabulary = load_vocabulary(path)
        if entry.get("sha256", vocabulary.sha256) != vocabulary.sha256:
            raise UserError(
                f"{path}: not the vocabulary that the records were made with; copy or make the folder again"
            )
        return vocabulary


def open_split(folder: str, split: str, *, tolerant: bool = False) -> DataSplit:
    """The shards of a split. Each of them is checked to exist.

    Raises UserError for a missing shard, one of another size than the manifest says (unless `tolerant`), held-out
    shards among the training shards, and a split without a record.
    """
    sizes = dict(storage.list_files(folder))
    manifest = read_manifest(folder) if MANIFEST_NAME in sizes else None
    found = _listed(folder, split, manifest, sizes, tolerant) if manifest else None
    shards = _counted(folder, split, sizes, tolerant) if found is None else found
    if not any(shard.records for shard in shards):
        if manifest:
            there = ", ".join(sorted({shard.split for shard in manifest.shards if shard.records}))
            raise UserError(f"{folder}: no records of the split {split!r} (its splits: {there}); name another folder")
        raise UserError(f"{folder}: no shards of the split {split!r} and no {MANIFEST_NAME}; is the job finished?")
    return DataSplit(folder, split, tuple(shards), manifest)


def has_records(folder: str, split: str) -> bool:
    """Whether a folder has shards of a split."""
    names = dict(storage.list_files(folder))
    if MANIFEST_NAME in names:
        return any(shard.split == split and shard.records for shard in read_manifest(folder).shards)
    return any(name.startswith(f"{split}/") and _SHARD.search(name) for name in names)


def is_shard_name(name: str) -> bool:
    """Whether a file in a folder itself, by its name relative to it, is a shard of records."""
    return "/" not in name and bool(_SHARD.search(name))


def has_foreign_records(names: Iterable[str]) -> bool:
    """Whether a folder without a manifest has shards to train on, in itself or in its folder named train."""
    return any(is_shard_name(name.removeprefix("train/")) for name in names)


def read_manifest(folder: str) -> Manifest:
    """The manifest of a folder; UserError when it cannot be read."""
    path = storage.join(folder, MANIFEST_NAME)
    try:
        return manifest_from_json(storage.read_whole(path).decode(), path)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{path}: not a manifest of the instances job ({error}); make the folder again") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error}); check the address and the rights") from None


def _listed(folder: str, split: str, manifest: Manifest, sizes: dict[str, int], tolerant: bool) -> list[DataShard]:
    _require_apart(folder, manifest)
    shards = []
    for shard in manifest.shards:
        if shard.split != split:
            continue
        if shard.name not in sizes:
            raise UserError(
                f"{folder}/{shard.name}: the manifest names this shard, but it is missing; copy or make it again"
            )
        if sizes[shard.name] != shard.bytes and not tolerant:
            raise UserError(
                f"{folder}/{shard.name}: has {sizes[shard.name]:,} bytes, but the manifest says {shard.bytes:,}; "
                'copy or make it again, or set on_corrupt = "skip" in the plan'
            )
        shards.append(DataShard(shard.name, storage.join(folder, shard.name), sizes[shard.name], shard.records))
    return shards


def _require_apart(folder: str, manifest: Manifest) -> None:
    """Raise UserError if a file, or a copy of it, is both in the training and in a held-out split."""
    held_out = {(shard.crc32c, shard.bytes): shard for shard in manifest.shards if shard.split in _HELD_OUT_SPLITS}
    for shard in manifest.shards:
        twin = held_out.get((shard.crc32c, shard.bytes))
        if twin and shard.split not in _HELD_OUT_SPLITS and shard.records:
            raise UserError(
                f"{folder}: {shard.name} of split {shard.split} has the content of {twin.name} of split {twin.split}: "
                "what is trained on says nothing when held out; make the folder again"
            )
    names = Counter(shard.name for shard in manifest.shards)
    for name, count in names.items():
        if count > 1:
            raise UserError(f"{folder}: the manifest names {name} {count} times; make the folder again")


def _require_no_copies(folder: str, names: list[str], sizes: dict[str, int]) -> None:
    """Raise UserError if a training shard has the bytes of one in the folders of held-out splits."""
    held_out = [name for name in sizes if name.split("/")[0] in _HELD_OUT_SPLITS and _SHARD.search(name)]
    for name in names:
        for other in held_out:
            if sizes[name] == sizes[other] and _head(folder, name) == _head(folder, other):
                raise UserError(
                    f"{folder}: {name} has the content of {other}: what is trained on says nothing when held out; remove one"
                )


def _head(folder: str, name: str) -> bytes:
    return storage.read_head(storage.join(folder, name), 1 << 16)


def split_prefix(split: str, names: Iterable[str]) -> str:
    """The prefix of the names of a split's shards in a folder without a manifest: the folder of the split, or ""."""
    return f"{split}/" if split != "default" else "" if any(map(is_shard_name, names)) else "train/"


def split_shards(split: str, names: Iterable[str]) -> list[str]:
    """The names, sorted, of a split's shards among all names in a folder without a manifest."""
    names = list(names)
    prefix = split_prefix(split, names)
    here = (name for name in names if name.startswith(prefix) and "/" not in name[len(prefix) :])
    return sorted(name for name in here if _SHARD.search(name))


def _counted(folder: str, split: str, sizes: dict[str, int], tolerant: bool) -> list[DataShard]:
    """The shards of a folder without a manifest: those in its folder named `split`.

    For `default` they are those in the folder itself, or else in its folder named train.
    """
    prefix, names = split_prefix(split, sizes), split_shards(split, sizes)
    if split not in _HELD_OUT_SPLITS:
        held_out = [name for name in names if _HELD_OUT_NAME.search(name[len(prefix) :])]
        if held_out:
            raise UserError(
                f"{folder}: {held_out[0]} looks like a held-out shard among the {len(names)} to train on; "
                "move it to a folder dev/ below, or rename it"
            )
        _require_no_copies(folder, names, sizes)
    index = RecordIndex(folder)
    found = []
    for name in names:
        uri = storage.join(folder, name)
        found.append(DataShard(name, uri, sizes[name], index.count(name, uri, sizes[name], tolerant)))
    index.save()
    return found
