"""Counts of a shard's instances. They reveal a broken corpus before a model is trained on it."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class InstanceCounts:
    """Counts of the instances of one shard or of many. `a + b` counts both.

    Documents, sentences and text pieces are counted once, however many copies there are. Everything else is counted in
    all copies. A list has one entry for each possible value, so that lists can be added element by element, as JSON
    values too.
    """

    instances: int
    labels: list[int]  # [labels of the objective, at least 2], instances by `next_sentence_labels`
    pieces: int  # with [CLS] and [SEP], without padding
    padding: int  # unused positions up to max_seq_length; dynamic records do not store them
    unknown: int  # [UNK] pieces, before masking
    truncated: int  # instances that lost pieces to fit into max_seq_length
    truncated_pieces: int  # pieces they lost
    predictions: int
    masked: dict[str, int]  # predictions by what replaces them: "mask", "random" or "kept"
    lengths: list[int]  # [max_seq_length + 1], instances by their number of pieces
    predictions_per_instance: list[int]  # [max_predictions_per_seq + 1], instances by their number of predictions
    documents: int  # documents that gave instances
    sentences: int  # sentences of these documents and of those set aside
    text_pieces: int  # pieces of those sentences
    documents_set_aside: dict[str, int]  # documents that gave no instance, by reason
    lone_documents: int  # documents alone in their shard, without a partner for a random second segment (nsp)

    @classmethod
    def empty(cls, max_seq_length: int, max_predictions_per_seq: int, labels: int = 2) -> Self:
        """The counts of no instances, the zero of `+`; `labels` is how many an objective has."""
        zeros: dict[str, Any] = {field.name: 0 for field in dataclasses.fields(cls)}
        zeros["labels"] = [0] * max(2, labels)
        zeros["masked"] = {"mask": 0, "random": 0, "kept": 0}
        zeros["lengths"] = [0] * (max_seq_length + 1)
        zeros["predictions_per_instance"] = [0] * (max_predictions_per_seq + 1)
        zeros["documents_set_aside"] = {NO_SECOND_SEGMENT: 0}
        return cls(**zeros)

    def __add__(self, other: Self) -> Self:
        """The sum. Raises ValueError if the two have other lengths in their settings."""
        names = [field.name for field in dataclasses.fields(self)]
        return type(self)(**{name: _add(getattr(self, name), getattr(other, name)) for name in names})

    def to_json(self) -> dict[str, Any]:
        """The counts as JSON values, in the order of the fields; `labels` as `label_0`, `label_1` and so on."""
        values: dict[str, Any] = {}
        for name, value in dataclasses.asdict(self).items():
            values |= label_entries(value) if name == "labels" else {name: value}
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`, in any order."""
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(labels=labels_of(values), **{name: value for name, value in values.items() if name in names})


def label_entries(labels: Sequence[int]) -> dict[str, int]:
    """Counts by label as the statistics have them: `{"label_0": ..., "label_1": ...}`."""
    return {f"label_{label}": count for label, count in enumerate(labels)}


def labels_of(totals: Mapping[str, Any]) -> list[int]:
    """The inverse of `label_entries`: the counts by label in the totals of a corpus."""
    labels: list[int] = []
    while f"label_{len(labels)}" in totals:
        labels.append(totals[f"label_{len(labels)}"])
    return labels


NO_SECOND_SEGMENT = "no_second_segment"
"""The only reason to set a document aside: it is a single word, but the objective needs two segments of a document."""


def _add(a: Any, b: Any) -> Any:
    if isinstance(a, dict):
        return {key: a.get(key, 0) + b.get(key, 0) for key in {**a, **b}}
    if isinstance(a, list):
        return [x + y for x, y in zip(a, b, strict=True)]
    return a + b
