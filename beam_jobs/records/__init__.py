"""The formats on disk, between the jobs, the trainer and everybody else's tools. Imports neither Beam nor TensorFlow.

A sentence shard is UTF-8 text: one sentence a line, a blank line between documents; any BERT tool reads it. An instance
shard is a TFRecord file of `tf.train.Example`; either the seven classic features of google-research/bert, or, for
dynamic masking, the unmasked instance. A folder of shards carries a manifest, written when the folder is complete, and
`corpus_stats.json`, written last.

The trainer imports nothing else of the jobs. What both compile lies here too, each in a module of its own, to be
imported from there: this package itself loads no numba.
"""

from beam_jobs.records.corpus_stats import stats_from_json, stats_to_json
from beam_jobs.records.document import Document
from beam_jobs.records.features import CLASSIC_FEATURES, DYNAMIC_FEATURES
from beam_jobs.records.filtered import Filtered
from beam_jobs.records.folder import (
    CONFIG_NAME,
    FILTERED_FOLDER,
    MANIFEST_NAME,
    REJECTED_FOLDER,
    SAMPLES_NAME,
    SAMPLES_TEXT_NAME,
    SPLITS,
    STATS_NAME,
    TOKENIZER_NAME,
    VOCABULARY_NAME,
    VOCABULARY_NAMES,
    WORK_FOLDER,
    shard_name,
)
from beam_jobs.records.format_number import FORMAT, known_fields, require_known_format
from beam_jobs.records.manifest import Manifest, Shard, manifest_from_json
from beam_jobs.records.rejection import Rejection

__all__ = [
    "CLASSIC_FEATURES",
    "CONFIG_NAME",
    "DYNAMIC_FEATURES",
    "FILTERED_FOLDER",
    "FORMAT",
    "MANIFEST_NAME",
    "REJECTED_FOLDER",
    "SAMPLES_NAME",
    "SAMPLES_TEXT_NAME",
    "SPLITS",
    "STATS_NAME",
    "TOKENIZER_NAME",
    "VOCABULARY_NAME",
    "VOCABULARY_NAMES",
    "WORK_FOLDER",
    "Document",
    "Filtered",
    "Manifest",
    "Rejection",
    "Shard",
    "known_fields",
    "manifest_from_json",
    "require_known_format",
    "shard_name",
    "stats_from_json",
    "stats_to_json",
]
