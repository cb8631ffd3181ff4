"""Decodes one record of an instance shard to arrays, without TensorFlow; tests compare `decode_batch.py` with it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beam_jobs.decoding.parse_example import Feature, MalformedRecordError, parse_example

FEATURE_ALIASES = {"input_word_ids": "input_ids", "input_type_ids": "segment_ids"}
"""The names of TF Model Garden's `--use_v2_feature_names`, and the classic ones."""


@dataclass(frozen=True)
class Instance:
    """One pretraining instance as it is stored, classic (masked and padded) or dynamic (neither).

    Arrays are int64 and as long as stored. A dynamic instance has `word_starts` and no predictions; its `input_mask`
    and `segment_ids` are derived from `segment_lengths`. A missing optional feature is None.
    """

    input_ids: np.ndarray
    input_mask: np.ndarray
    segment_ids: np.ndarray
    masked_lm_positions: np.ndarray
    masked_lm_ids: np.ndarray
    masked_lm_weights: np.ndarray  # float32
    next_sentence_labels: np.ndarray | None
    segment_lengths: np.ndarray | None = None
    word_starts: np.ndarray | None = None  # uint8, the stored bytes

    @property
    def is_dynamic(self) -> bool:
        """Whether this is an unmasked instance, for masking on the fly."""
        return self.word_starts is not None

    @property
    def pieces(self) -> int:
        """The number of pieces, without padding."""
        return int(np.count_nonzero(self.input_mask))

    @property
    def predictions(self) -> int:
        """The number of pieces to predict."""
        return int(np.count_nonzero(self.masked_lm_weights))

    def original_ids(self) -> np.ndarray:
        """The pieces of the text, int64 [pieces]: `input_ids` with the original piece at every predicted position."""
        ids = self.input_ids[: self.pieces].copy()
        positions = self.masked_lm_positions[: self.predictions]
        there = (positions >= 0) & (positions < len(ids))
        ids[positions[there]] = self.masked_lm_ids[: self.predictions][there]
        return ids


def decode_instance(record: bytes) -> Instance:
    """The instance in a serialised `tf.train.Example`. Raises MalformedRecordError if there is none."""
    return instance_from_features(parse_example(record))


def instance_from_features(features: Mapping[str, Feature]) -> Instance:
    """The instance that a record's features make, by classic or Model Garden names.

    If `input_mask` is missing, ids other than 0 are pieces. If `segment_ids` is missing, everything is the first
    segment. If `masked_lm_weights` is missing, positions other than 0 are predictions. Raises MalformedRecordError if
    this is not an instance.
    """
    named = {FEATURE_ALIASES.get(name, name): feature for name, feature in features.items()}
    if "input_ids" not in named:
        raise MalformedRecordError(f"no input_ids among its features ({', '.join(sorted(features)) or 'none'})")
    if "word_starts" not in named and "masked_lm_positions" not in named:
        raise MalformedRecordError("neither masked_lm_positions nor word_starts among its features")
    ids = _integers(named, "input_ids")
    label = _integers(named, "next_sentence_labels") if "next_sentence_labels" in named else None
    if "word_starts" in named:
        lengths = _integers(named, "segment_lengths")
        empty = np.zeros(0, np.int64)
        return Instance(
            input_ids=ids,
            input_mask=np.ones_like(ids),
            segment_ids=(np.arange(len(ids)) >= (lengths[0] if len(lengths) else len(ids))).astype(np.int64),
            masked_lm_positions=empty,
            masked_lm_ids=empty,
            masked_lm_weights=np.zeros(0, np.float32),
            next_sentence_labels=label,
            segment_lengths=lengths,
            word_starts=_bytes(named, "word_starts"),
        )
    positions = _integers(named, "masked_lm_positions")
    return Instance(
        input_ids=ids,
        input_mask=_integers(named, "input_mask") if "input_mask" in named else (ids != 0).astype(np.int64),
        segment_ids=_integers(named, "segment_ids") if "segment_ids" in named else np.zeros_like(ids),
        masked_lm_positions=positions,
        masked_lm_ids=_integers(named, "masked_lm_ids"),
        masked_lm_weights=(
            _floats(named, "masked_lm_weights") if "masked_lm_weights" in named else (positions != 0).astype(np.float32)
        ),
        next_sentence_labels=label,
    )


def _integers(features: Mapping[str, Feature], name: str) -> np.ndarray:
    return _values(features, name, np.int64, "integers")


def _floats(features: Mapping[str, Feature], name: str) -> np.ndarray:
    return _values(features, name, np.float32, "floats")


def _bytes(features: Mapping[str, Feature], name: str) -> np.ndarray:
    feature = features[name]
    if isinstance(feature, np.ndarray) and len(feature):
        raise MalformedRecordError(f"{name} holds numbers, not bytes")
    return np.frombuffer(b"".join(feature), np.uint8)


def _values(features: Mapping[str, Feature], name: str, dtype: type, wanted: str) -> np.ndarray:
    """The numbers of a feature. A feature without values has no kind, and counts as empty."""
    feature = features.get(name)
    if feature is None:
        raise MalformedRecordError(f"no {name} among its features")
    if len(feature) == 0:
        return np.zeros(0, dtype)
    if isinstance(feature, list) or feature.dtype != dtype:
        held = "bytes" if isinstance(feature, list) else "integers" if feature.dtype == np.int64 else "floats"
        raise MalformedRecordError(f"{name} holds {held}, not {wanted}")
    return feature
