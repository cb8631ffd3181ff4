"""The formats on disk, between the jobs, the trainer and everybody else's tools. Imports neither Beam nor TensorFlow.

A sentence shard is UTF-8 text: one sentence a line, a blank line between documents; any BERT tool reads it. An instance
shard is a TFRecord file of `tf.train.Example`; either the seven classic features of google-research/bert, or, for
dynamic masking, the unmasked instance. A folder of shards carries a manifest, written when the folder is complete, and
`corpus_stats.json`, written last.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MANIFEST_NAME = "manifest.json"
STATS_NAME = "corpus_stats.json"
SAMPLES_NAME = "samples.jsonl"
SAMPLES_TEXT_NAME = "samples.txt"
REJECTED_FOLDER = "rejected"
WORK_FOLDER = "_work"  # plans, finished rows and temporary files of an unfinished run; removed when it ends

SPLITS = ("default", "train", "dev", "test")
"""An input folder named train, dev or test makes its documents that split; everything else is `default`."""

CLASSIC_FEATURES = (
    "input_ids",  # int64 [max_seq_length], padded with [PAD] = 0
    "input_mask",  # int64 [max_seq_length], 1 for a piece, 0 for padding
    "segment_ids",  # int64 [max_seq_length], 0 for [CLS] A [SEP], 1 for B [SEP]
    "masked_lm_positions",  # int64 [max_predictions_per_seq], ascending, padded with 0
    "masked_lm_ids",  # int64 [max_predictions_per_seq], the original pieces, padded with 0
    "masked_lm_weights",  # float32 [max_predictions_per_seq], 1.0 for a prediction, 0.0 for padding
    "next_sentence_labels",  # int64 [1], 1 when the second segment is random (nsp) or swapped (sop)
)

DYNAMIC_FEATURES = (
    "input_ids",  # int64 [pieces], [CLS] A [SEP] B [SEP], unmasked and unpadded
    "segment_lengths",  # int64 [2], pieces of [CLS] A [SEP] and of B [SEP]; the second is 0 without a second segment
    "word_starts",  # bytes [ceil(pieces / 8)], bit i % 8 of byte i // 8 set when piece i begins a word (or is special)
    "next_sentence_labels",  # int64 [1]
)


@dataclass(frozen=True, slots=True)
class Document:
    """One raw document, as read. `source` and `offset` say where it stands in the input, for rejections and counts."""

    id: str
    text: str
    language: str
    source: str
    offset: int
    split: str = "default"


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something of the input that was set aside: never in silence. `reason` is a short constant, `detail` explains."""

    source: str
    offset: int
    reason: str
    detail: str = ""
    id: str = ""

    def to_json_line(self) -> str:
        """One line of `rejected/*.jsonl`, without the newline."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)


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

    def to_json(self) -> str:
        """The text of `manifest.json`."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False) + "\n"


def manifest_from_json(text: str) -> Manifest:
    """The inverse of `Manifest.to_json`; raises ValueError, KeyError or TypeError when the text is no manifest."""
    content = json.loads(text)
    shards = tuple(Shard(**shard) for shard in content.pop("shards"))
    return Manifest(shards=shards, **content)


def shard_name(kind: str, index: int, count: int, split: str, ending: str) -> str:
    """`train/sentences-00003-of-00012.txt`; shards of the default split lie in the folder itself."""
    folder = "" if split == "default" else f"{split}/"
    return f"{folder}{kind}-{index:05d}-of-{count:05d}{ending}"
