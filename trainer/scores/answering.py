"""The scores of extracted answers: exact match and F1 as SQuAD 1.1 and 2.0 define them.

All are shares from 0 to 1; SQuAD's script prints them times 100, and calls the parts `HasAns` and `NoAns`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.scores.squad import exact_match, word_f1

Answers = Sequence[Sequence[str]]


def scores(
    gold: Answers,
    predicted: Sequence[str],
    null_odds: Sequence[float] | None = None,
    best_spans: Sequence[str] | None = None,
) -> dict[str, Any]:
    """What `scores.json` has of answers.

    `gold` has the texts of each question's answers, none if it has no answer in its context. `predicted` has one text each, empty
    for "no answer". Keys: `examples`, `unanswerable`, and `scores` by name: `exact_match` and `f1`; where some
    questions have no answer, also `has_answer_` and `no_answer_` both; and with `null_odds` the scores at the best
    threshold.

    `null_odds` are the score of no answer minus that of the best span. The best threshold is the one that gives the highest
    score if a question is left without answer where its odds are above it. Its spans are `best_spans`; without those,
    they are the predictions, as in SQuAD's script. Equal odds stay on one side of a threshold, while the script
    might part them.
    """
    exact, f1 = example_scores(gold, predicted)
    answerable = np.array([bool(answers) for answers in gold], bool)
    named = {"exact_match": _mean(exact), "f1": _mean(f1)}
    if not answerable.all():
        for part, rows in (("has_answer", answerable), ("no_answer", ~answerable)):
            if rows.any():
                named |= {f"{part}_exact_match": _mean(exact[rows]), f"{part}_f1": _mean(f1[rows])}
    if null_odds is not None and len(gold):
        spans = predicted if best_spans is None else best_spans
        for name, values in zip(("exact_match", "f1"), example_scores(gold, spans), strict=True):
            best, threshold = best_threshold(values, np.asarray(null_odds, np.float64), answerable, spans)
            named |= {f"best_{name}": best, f"best_{name}_threshold": threshold}
    return {"examples": len(gold), "unanswerable": int((~answerable).sum()), "scores": named}


def example_scores(gold: Answers, predicted: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The exact match and the F1 of each question, both float64 [questions]."""
    pairs = list(zip(gold, predicted, strict=True))
    exact = np.array([exact_match(answers, text) for answers, text in pairs], np.float64)
    return exact, np.array([word_f1(answers, text) for answers, text in pairs], np.float64)


def best_threshold(
    values: NDArray[np.float64], null_odds: NDArray[np.float64], answerable: NDArray[np.bool_], spans: Sequence[str]
) -> tuple[float, float]:
    """The highest mean score that a threshold on the odds can give, and that threshold.

    `values` are the scores of the spans. Questions with odds above the threshold have no answer. The threshold is the odds of
    the last question that keeps its span; it lies below all odds if none should.
    """
    gain = np.where(answerable, values, [-1.0 if span else 0.0 for span in spans])  # over leaving it without answer
    order = np.argsort(null_odds, kind="stable")
    odds = null_odds[order]
    kept = np.concatenate([[0.0], np.cumsum(gain[order])])
    kept[1:-1][odds[1:] == odds[:-1]] = -np.inf  # no threshold lies between equal odds
    best = int(np.argmax(kept))
    threshold = odds[best - 1] if best else np.nextafter(odds[0], -np.inf)
    return float(((~answerable).sum() + kept[best]) / len(values)), float(threshold)


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else 0.0
