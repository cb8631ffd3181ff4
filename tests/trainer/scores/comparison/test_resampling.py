import random

import numpy as np
import pytest

from trainer.scores.comparison.resampling import resampled
from trainer.scores.predictions import Predictions
from trainer.scores.scores_of import scores_of

COUNT = 40
IDS = tuple(map(str, range(COUNT)))


def _of(kind, seed=0):
    stream = random.Random(seed)

    def pick(values, count=COUNT):
        return tuple(stream.choice(values) for _ in range(count))

    match kind:
        case "classification":
            return Predictions(kind, IDS, pick("abb"), pick("abbc"), ("c", "b", "a", "never"))
        case "multi_label":
            sets = [(), ("a",), ("a", "b"), ("c",)]
            return Predictions(kind, IDS, pick(sets), pick(sets), ("a", "b", "c", "never"))
        case "regression":
            return Predictions(kind, IDS, pick([0.0, 1.5, 2.0, 4.0]), pick([0.0, 1.0, 3.0]))
        case "entities":
            lines = [pick(["O", "O", "B-PER", "I-PER", "B-LOC"], stream.randrange(1, 6)) for _ in IDS]
            return Predictions("tagging", IDS, tuple(_changed(line, stream) for line in lines), tuple(lines))
        case "speech":
            lines = [pick(["NOUN", "VERB"], 3) for _ in IDS]
            return Predictions("tagging", IDS, tuple(_changed(line, stream) for line in lines), tuple(lines))
        case "answers":
            return Predictions("answering", IDS, pick(["a b", "b", ""]), pick([("b",), ("a b", "c"), ()]))
        case "squad_1":
            return Predictions("answering", IDS, pick(["x b", "b"]), pick([("b",), ("x b",)]))


def _changed(tags, stream):
    return tuple(tag if stream.random() < 0.7 else "I-PER" for tag in tags)


KINDS = ["classification", "multi_label", "regression", "entities", "speech", "answers", "squad_1"]


def _sample(predictions, rows):
    """The predictions with these examples, each as often as it is drawn."""
    return Predictions(
        predictions.kind,
        tuple(f"{row}-{at}" for at, row in enumerate(rows)),
        tuple(predictions.predicted[row] for row in rows),
        tuple(predictions.gold[row] for row in rows),
        predictions.labels,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_scores_of_a_resample_are_those_of_its_examples(kind):
    predictions = _of(kind)
    stream = np.random.default_rng(0)
    draws = [np.arange(COUNT), *(stream.integers(0, COUNT, COUNT) for _ in range(8))]
    weights = np.stack([np.bincount(rows, minlength=COUNT) for rows in draws]).astype(np.float64)
    found = resampled(predictions)(weights)
    for at, rows in enumerate(draws):
        wanted = scores_of(_sample(predictions, rows))
        assert set(wanted["scores"]) <= set(found)
        for name, value in wanted["scores"].items():
            assert found[name][at] == pytest.approx(value, abs=1e-9), name
        for label, scores in wanted.get("per_class", {}).items():
            for score in ("f1", "precision", "recall"):
                assert found[f"{score}:{label}"][at] == pytest.approx(scores[score] or 0, abs=1e-9)


def test_a_resample_of_equal_numbers_is_correlated_with_nothing():
    found = resampled(Predictions("regression", ("1", "2", "3"), (0.1, 0.1, 0.3), (1.0, 2.0, 3.0)))
    scores = found(np.array([[2.0, 1.0, 0.0], [1.0, 1.0, 1.0]]))
    assert scores["pearson"][0] == scores["spearman"][0] == 0
    assert scores["spearman"][1] == pytest.approx(0.8660254)


def test_what_cannot_be_scored():
    with pytest.raises(ValueError, match="has no gold labels"):
        resampled(Predictions("regression", ("1",), (1.0,)))
