"""The scores of predictions of any kind, in the form of `scores.json`."""

from typing import Any

from trainer.scores import answering, classification, multi_label, regression, tagging
from trainer.scores.predictions import Predictions

LOWER_IS_BETTER = frozenset({"mse", "mae", "hamming_loss"})


def scores_of(predictions: Predictions) -> dict[str, Any]:
    """The scores of predictions that have their gold: what `scores.json` holds.

    Keys: `kind`, `examples`, `metric` (the name of the score by which models of this kind are compared unless another is
    asked for), `scores` by name, and by kind `per_class`, `confusion_matrix`, `words`, `scheme`, `unanswerable`. Raises
    ValueError if they cannot be scored.
    """
    if problem := predictions.problem():
        raise ValueError(problem)
    found = {"kind": predictions.kind, **_scores(predictions)}
    return {**found, "metric": default_metric(predictions.kind, found["scores"])}


def default_metric(kind: str, scores: dict[str, float]) -> str:
    """The name of the score that decides by default; `scores` are those that there are."""
    if kind == "tagging":
        return "micro_f1" if "micro_f1" in scores else "accuracy"
    return {"classification": "macro_f1", "multi_label": "macro_f1", "regression": "pearson", "answering": "f1"}[kind]


def _scores(predictions: Predictions) -> dict[str, Any]:
    gold, predicted = predictions.gold or (), predictions.predicted
    match predictions.kind:
        case "classification":
            return classification.scores(gold, predicted, predictions.labels)
        case "multi_label":
            return multi_label.scores(gold, predicted, predictions.labels)
        case "regression":
            return regression.scores(gold, predicted)
        case "tagging":
            return tagging.scores(gold, predicted)
        case "answering":
            return answering.scores(gold, predicted, predictions.null_odds, predictions.best_spans)
