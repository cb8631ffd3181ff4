"""`manifest.json`: what a finished corpus folder holds."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shard:
    """One finished file of a corpus folder: `name` is relative to the folder, `crc32c` is of the file's bytes, in hex."""

    name: str
    split: str
    records: int  # sentences of a sentence shard, instances of an instance shard
    documents: int
    bytes: int
    crc32c: str


@dataclass(frozen=True)
class Manifest:
    """What a finished corpus folder holds, and the settings that made it."""

    kind: str  # "sentences" or "instances"
    settings_hash: str
    settings: Mapping[str, Any]
    shards: tuple[Shard, ...]
    vocabulary: Mapping[str, Any] = dataclasses.field(
        default_factory=dict
    )  # file, size, sha256, lower_case, model_class

    @property
    def records(self) -> int:
        """Sentences or instances in all shards."""
        return sum(shard.records for shard in self.shards)

    @property
    def documents(self) -> int:
        """Documents in all shards."""
        return sum(shard.documents for shard in self.shards)

    @property
    def bytes(self) -> int:
        """Size of all shards."""
        return sum(shard.bytes for shard in self.shards)

    def to_json(self) -> str:
        """The text of `manifest.json`."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False) + "\n"


def manifest_from_json(text: str) -> Manifest:
    """The inverse of `Manifest.to_json`; raises ValueError, KeyError or TypeError when the text is no manifest."""
    content = json.loads(text)
    shards = tuple(Shard(**shard) for shard in content.pop("shards"))
    return Manifest(shards=shards, **content)
