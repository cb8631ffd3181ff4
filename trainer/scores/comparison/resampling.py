"""The scores of predictions on thousands of resamples of their examples at once.

A resample is a row of weights that says how often each example is in it. The scores are those of `scores_of`, as functions of
weighted sums, which numpy computes for all resamples together. With weights of one they are equal.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trainer.scores import class_counts
from trainer.scores.answering import example_scores
from trainer.scores.class_counts import ClassCounts
from trainer.scores.classification import label_counts
from trainer.scores.entities import decode, decode_strict, scheme_of
from trainer.scores.multi_label import label_set_counts
from trainer.scores.predictions import Predictions
from trainer.scores.tagging import entity_counts, entity_types, words_right

Floats = NDArray[np.float64]
Resampled = Callable[[Floats], dict[str, Floats]]
"""From weights [draws, examples] to every score by name, each [draws]."""


def resampled(predictions: Predictions) -> Resampled:
    """The scores of predictions that have their gold, as a function of the examples' weights.

    What can be counted once is counted here. Beside the scores of `scores.json` there are `f1:CLASS`, `precision:CLASS` and
    `recall:CLASS`; the best thresholds of answers are not among them. Raises ValueError if they cannot be scored.
    """
    if problem := predictions.problem():
        raise ValueError(problem)
    match predictions.kind:
        case "classification":
            return _of_labels(predictions)
        case "multi_label":
            return _of_label_sets(predictions)
        case "regression":
            return _of_numbers(predictions)
        case "tagging":
            return _of_tags(predictions)
        case "answering":
            return _of_answers(predictions)


def _of_labels(predictions: Predictions) -> Resampled:
    labels = predictions.labels
    counts = label_counts(predictions.gold or (), predictions.predicted, labels)

    def scores(weights: Floats) -> dict[str, Floats]:
        totals = counts.weighted(weights)
        accuracy = _ratio(totals.correct.sum(-1), totals.gold.sum(-1))
        return {"accuracy": accuracy, "matthews": _matthews(totals), **_averaged(totals, labels)}

    return scores


def _of_label_sets(predictions: Predictions) -> Resampled:
    labels = predictions.labels
    counts = label_set_counts(predictions.gold or (), predictions.predicted, labels)
    wrong = np.abs(counts.gold - counts.predicted).sum(-1)

    def scores(weights: Floats) -> dict[str, Floats]:
        size = weights.sum(-1)
        exact, loss = _ratio(weights @ (wrong == 0), size), _ratio(weights @ wrong, size * len(labels))
        return {"subset_accuracy": exact, "hamming_loss": loss, **_averaged(counts.weighted(weights), labels)}

    return scores


def _of_tags(predictions: Predictions) -> Resampled:
    gold, predicted = predictions.gold or (), predictions.predicted
    right, words = words_right(gold, predicted)
    scheme = scheme_of(gold)
    types = entity_types(gold, predicted) if scheme else ()
    counts = entity_counts(gold, predicted, types, decode) if scheme else None
    strict = entity_counts(gold, predicted, types, lambda tags: decode_strict(tags, scheme)) if scheme else None

    def scores(weights: Floats) -> dict[str, Floats]:
        found = {"accuracy": _ratio(weights @ right, weights @ words)}
        if counts is None or strict is None:
            return found
        averages = class_counts.averages(strict.weighted(weights))
        found |= {f"strict_{name}": values for name, values in averages.items()}
        return {**found, **_averaged(counts.weighted(weights), types)}

    return scores


def _of_answers(predictions: Predictions) -> Resampled:
    gold = predictions.gold or ()
    answerable = np.array([bool(answers) for answers in gold], np.float64)
    exact, f1 = example_scores(gold, predictions.predicted)
    parts = {"": np.ones(len(gold))}
    if not answerable.all():
        parts |= {
            name: rows for name, rows in (("has_answer_", answerable), ("no_answer_", 1 - answerable)) if rows.any()
        }

    def scores(weights: Floats) -> dict[str, Floats]:
        return {
            f"{part}{name}": _ratio(weights @ (values * rows), weights @ rows)
            for part, rows in parts.items()
            for name, values in (("exact_match", exact), ("f1", f1))
        }

    return scores


def _of_numbers(predictions: Predictions) -> Resampled:
    wanted, given = np.asarray(predictions.gold, np.float64), np.asarray(predictions.predicted, np.float64)

    def scores(weights: Floats) -> dict[str, Floats]:
        size = weights.sum(-1)
        return {
            "pearson": _correlation(wanted, given, weights),
            "spearman": _correlation(_ranks(wanted, weights), _ranks(given, weights), weights),
            "mse": _ratio(weights @ (wanted - given) ** 2, size),
            "mae": _ratio(weights @ np.abs(wanted - given), size),
        }

    return scores


def _averaged(totals: ClassCounts, names: tuple[str, ...]) -> dict[str, Floats]:
    """The averages, and the scores of each class by name."""
    found = class_counts.averages(totals)
    for score in (class_counts.f1, class_counts.precision, class_counts.recall):
        values = score(totals)
        found |= {f"{score.__name__}:{name}": values[..., at] for at, name in enumerate(names)}
    return found


def _matthews(totals: ClassCounts) -> Floats:
    """Matthews' correlation of several classes (Gorodkin 2004), 0 where one side is all one class."""
    size, right = totals.gold.sum(-1), totals.correct.sum(-1)
    covariance = right * size - (totals.predicted * totals.gold).sum(-1)
    spread = (size**2 - (totals.predicted**2).sum(-1)) * (size**2 - (totals.gold**2).sum(-1))
    return _ratio(covariance, np.sqrt(spread))


def _ranks(values: Floats, weights: Floats) -> Floats:
    """The mean rank of each value in each resample, [draws, examples]."""
    distinct, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], np.arange(len(distinct)))
    times = np.add.reduceat(weights[:, order], first, axis=1)
    return (np.cumsum(times, axis=1) - (times - 1) / 2)[:, place]


def _correlation(a: Floats, b: Floats, weights: Floats) -> Floats:
    """The weighted correlation of `a` and `b`, [examples] or [draws, examples]; 0 where one is constant."""
    share = weights / weights.sum(-1, keepdims=True)
    (a, spread_a), (b, spread_b) = _centred(a, share), _centred(b, share)
    return _ratio((a * b * share).sum(-1), spread_a * spread_b)


def _centred(values: Floats, share: Floats) -> tuple[Floats, Floats]:
    """The values without their mean, and their standard deviation, which is 0 where rounding alone makes it positive."""
    mean = (values * share).sum(-1, keepdims=True)
    spread = np.sqrt((((values - mean) ** 2) * share).sum(-1))
    return values - mean, np.where(spread > 1e-13 * np.abs(mean[..., 0]), spread, 0.0)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)
