"""`manifest.json`: what a finished corpus folder holds.

Records have no format number: it would cost bytes in every copy of every instance, and a shard of text has no place for
it. So the manifest has two numbers, `format` for itself and `record_format` for the content of its shards. Additional
features of an instance record need no new number, because a reader of `tf.train.Example` ignores features that it does
not know.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beam_jobs.records.folder import MANIFEST_NAME
from beam_jobs.records.format_number import FORMAT, known_fields, require_known_format

MANIFEST_FORMAT = 1
RECORD_FORMAT = 1  # of sentence shards and of instances, static and dynamic, as this version writes them
_RECORD_KEY = "record_format"


@dataclass(frozen=True)
class Shard:
    """One finished file of a corpus folder. `name` is relative to the folder; `crc32c` is that of its bytes, in hex.

    The bytes of a gzipped file depend on the processor that compressed it, but `content_crc32c`, the CRC-32C of its
    uncompressed bytes, does not. It is empty if an older version wrote the manifest.
    """

    name: str
    split: str
    records: int  # sentences of a sentence shard, instances of an instance shard
    documents: int
    bytes: int
    crc32c: str
    content_crc32c: str = ""


@dataclass(frozen=True)
class Manifest:
    """What a finished corpus folder holds, and the settings that made it."""

    kind: str  # "sentences", "instances", "vocabulary" or "vectors"
    settings_hash: str
    settings: Mapping[str, Any]
    shards: tuple[Shard, ...]
    vocabulary: Mapping[str, Any] = dataclasses.field(
        default_factory=dict
    )  # file, size, sha256, lower_case, model_class
    labels: tuple[str, ...] | None = None  # the meaning of each value of an instance's label; empty: it has none

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
        numbers = {FORMAT: MANIFEST_FORMAT, _RECORD_KEY: RECORD_FORMAT}
        content = dataclasses.asdict(self)
        if self.labels is None:
            del content["labels"]
        return json.dumps({**numbers, **content}, indent=2, ensure_ascii=False) + "\n"


def manifest_from_json(text: str, path: str = MANIFEST_NAME) -> Manifest:
    """The inverse of `Manifest.to_json`, for the text of any version. `path` names the file in errors.

    Raises:
        UserError: the manifest, or the content of the shards, has a newer format.
        ValueError, KeyError, TypeError: the text is not a manifest.
    """
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("it holds no JSON object")
    require_known_format(content, MANIFEST_FORMAT, path)
    require_known_format(content, RECORD_FORMAT, path, _RECORD_KEY)
    shards = tuple(Shard(**known_fields(Shard, shard)) for shard in content["shards"])
    labels = content.get("labels")
    named = {"shards": shards, "labels": None if labels is None else tuple(labels)}
    return Manifest(**{**known_fields(Manifest, content), **named})
