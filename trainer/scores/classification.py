"""The scores of one label per text, by scikit-learn: accuracy, precision, recall and F1 by every averaging, Matthews.

"F1" without a word about averaging says little: the same predictions have had a macro F1 of .66, a weighted one of .73, a
micro one of .76 and one of .84 for the positive class. So every average is named, and `macro_f1` is the default: it is
the one that a model cannot raise by leaving out the rare classes.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from trainer.scores import class_counts
from trainer.scores.class_counts import ClassCounts


def scores(gold: Sequence[str], predicted: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    """What `scores.json` has of a classification.

    `labels` are all labels, in the order of the model; each of `gold` and `predicted` is one of them, or ValueError is
    raised. Keys: `examples`, `scores` by name, `per_class`, and `confusion_matrix` with `rows` by gold label, whose columns
    are the predicted labels, both in the order of its `labels`. Classes that are neither there nor predicted take no
    part in an average.
    """
    from sklearn.metrics import accuracy_score, confusion_matrix, matthews_corrcoef, precision_recall_fscore_support

    wanted, given = label_ids(gold, labels), label_ids(predicted, labels)
    named = {"accuracy": float(accuracy_score(wanted, given))}
    for average in ("macro", "micro", "weighted"):
        values = precision_recall_fscore_support(wanted, given, average=average, zero_division=0.0)
        named |= {
            f"{average}_{name}": float(value)
            for name, value in zip(("precision", "recall", "f1"), values[:3], strict=True)
        }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one label in all places, where the coefficient is 0
        named["matthews"] = float(matthews_corrcoef(wanted, given))
    matrix = confusion_matrix(wanted, given, labels=range(len(labels)))
    return {
        "examples": len(gold),
        "scores": named,
        "per_class": class_counts.by_class(label_counts(gold, predicted, labels).total(), tuple(labels)),
        "confusion_matrix": {"labels": list(labels), "rows": matrix.tolist()},
    }


def label_ids(names: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """The place of each name in `labels`, int64 [examples]. Raises ValueError for a name that is not there."""
    places = {label: at for at, label in enumerate(labels)}
    unknown = sorted(set(names) - set(places))
    if unknown:
        raise ValueError(f"no such label: {', '.join(map(repr, unknown[:3]))}")
    return np.array([places[name] for name in names], np.int64)


def label_counts(gold: Sequence[str], predicted: Sequence[str], labels: Sequence[str]) -> ClassCounts:
    """For each example which label it has, which it was given, and whether that is right: [examples, labels]."""
    one_of = np.eye(len(labels))
    there, guessed = one_of[label_ids(gold, labels)], one_of[label_ids(predicted, labels)]
    return ClassCounts(there * guessed, guessed, there)
