"""Precision, recall and F1 by every averaging, from counts that can be added up.

A score of a whole set is a function of three counts per class: how often the class was predicted rightly, how often it was
predicted, and how often it is there. Counts add up over examples, so the scores of thousands of resamples are one
matrix product away (`weighted`), which is what a bootstrap needs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AVERAGES = tuple(
    f"{average}_{name}" for average in ("macro", "micro", "weighted") for name in ("precision", "recall", "f1")
)


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """Counts by class, float64 [..., classes]. The axes in front are free: examples, or draws of a bootstrap."""

    correct: NDArray[np.float64]
    predicted: NDArray[np.float64]
    gold: NDArray[np.float64]

    def weighted(self, weights: NDArray[np.float64]) -> "ClassCounts":
        """The counts of resamples. `weights` [draws, examples] says how often each example is in a resample."""
        return ClassCounts(weights @ self.correct, weights @ self.predicted, weights @ self.gold)

    def total(self) -> "ClassCounts":
        """The counts of all examples together, [classes]."""
        return ClassCounts(self.correct.sum(0), self.predicted.sum(0), self.gold.sum(0))


def precision(counts: ClassCounts) -> NDArray[np.float64]:
    """The share of a class's predictions that are right, [..., classes]; 0 where there is no prediction."""
    return _share(counts.correct, counts.predicted)


def recall(counts: ClassCounts) -> NDArray[np.float64]:
    """The share of a class that was found, [..., classes]; 0 where the class is not there."""
    return _share(counts.correct, counts.gold)


def f1(counts: ClassCounts) -> NDArray[np.float64]:
    """The harmonic mean of precision and recall, [..., classes]; 0 where nothing is there or predicted."""
    return _share(2 * counts.correct, counts.predicted + counts.gold)


def averages(counts: ClassCounts) -> dict[str, NDArray[np.float64]]:
    """Precision, recall and F1 by each of the `AVERAGES`, by name, each [...].

    macro     the plain mean over classes; rare classes count as much as common ones. A class that is neither there nor
              predicted has no score, and is left out.
    micro     over all decisions together, whatever their class.
    weighted  the mean over classes, weighted by how often a class is there.
    """
    occurs = (counts.predicted + counts.gold) > 0
    found = {}
    whole = ClassCounts(*(part.sum(-1, keepdims=True) for part in (counts.correct, counts.predicted, counts.gold)))
    for name, function in (("precision", precision), ("recall", recall), ("f1", f1)):
        by_class = function(counts)
        found[f"macro_{name}"] = _share((by_class * occurs).sum(-1), occurs.sum(-1).astype(np.float64))
        found[f"micro_{name}"] = function(whole)[..., 0]
        found[f"weighted_{name}"] = _share((by_class * counts.gold).sum(-1), counts.gold.sum(-1))
    return {name: found[name] for name in AVERAGES}


def by_class(counts: ClassCounts, names: tuple[str, ...]) -> dict[str, dict[str, float | int | None]]:
    """The scores of each class of whole counts [classes], and how often it is there and predicted.

    The scores of a class that is neither there nor predicted are None: it has none.
    """
    columns = [
        (name, function(counts)) for name, function in (("precision", precision), ("recall", recall), ("f1", f1))
    ]
    found: dict[str, dict[str, float | int | None]] = {}
    for at, name in enumerate(names):
        gold, predicted = int(counts.gold[at]), int(counts.predicted[at])
        scores = {column: float(values[at]) if gold + predicted else None for column, values in columns}
        found[name] = {**scores, "gold": gold, "predicted": predicted}
    return found


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)
