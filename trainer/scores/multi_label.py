"""The scores of any number of labels per text: each label is a decision of its own.

`subset_accuracy` is the share of texts whose labels are all right and complete, `hamming_loss` the share of decisions that
are wrong. `macro`, `micro` and `weighted` are those of `class_counts`: over labels alike, over all decisions together, and
over labels by how often they are there. (scikit-learn computes the same, but takes a matrix with one column for one
label per text.)
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.scores import class_counts
from trainer.scores.class_counts import ClassCounts

THRESHOLD = 0.5
LabelSets = Sequence[Collection[str]]


def chosen(probabilities: Mapping[str, float], threshold: float = THRESHOLD) -> tuple[str, ...]:
    """The labels whose probability is at least the threshold, in the order of the mapping."""
    return tuple(label for label, probability in probabilities.items() if probability >= threshold)


def scores(gold: LabelSets, predicted: LabelSets, labels: Sequence[str]) -> dict[str, Any]:
    """What `scores.json` has of a classification with several labels.

    Keys: `examples`, `scores` by name, `per_class`. Labels that are neither there nor predicted take no part in an average.
    Raises ValueError for a label that is not in `labels`. There must be an example and a label.
    """
    counts = label_set_counts(gold, predicted, labels)
    wrong = counts.gold != counts.predicted
    named = {"subset_accuracy": float((~wrong.any(1)).mean()), "hamming_loss": float(wrong.mean())}
    named |= {name: float(value) for name, value in class_counts.averages(counts.total()).items()}
    return {"examples": len(gold), "scores": named, "per_class": class_counts.by_class(counts.total(), tuple(labels))}


def label_matrix(sets: LabelSets, labels: Sequence[str]) -> NDArray[np.int64]:
    """Which label each example has, 0 or 1, [examples, labels]. Raises ValueError for a label that is not there."""
    places = {label: at for at, label in enumerate(labels)}
    matrix = np.zeros((len(sets), len(labels)), np.int64)
    for row, names in enumerate(sets):
        for name in names:
            if name not in places:
                raise ValueError(f"no such label: {name!r}")
            matrix[row, places[name]] = 1
    return matrix


def label_set_counts(gold: LabelSets, predicted: LabelSets, labels: Sequence[str]) -> ClassCounts:
    """For each example which labels it has, which it was given, and which of those are right: [examples, labels]."""
    there, guessed = label_matrix(gold, labels).astype(np.float64), label_matrix(predicted, labels).astype(np.float64)
    return ClassCounts(there * guessed, guessed, there)
