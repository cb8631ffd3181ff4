import json

import pytest

from trainer.scores.predictions import Predictions
from trainer.scores.scores_of import LOWER_IS_BETTER, default_metric, scores_of

ONE_OF_EACH = {
    "classification": (Predictions("classification", ("1",), ("a",), ("a",), ("a", "b")), "macro_f1"),
    "multi_label": (Predictions("multi_label", ("1",), (("a",),), (("a",),), ("a", "b")), "macro_f1"),
    "regression": (Predictions("regression", ("1", "2"), (1.0, 2.0), (3.0, 4.0)), "pearson"),
    "tagging": (Predictions("tagging", ("1",), (("B-X",),), (("B-X",),)), "micro_f1"),
    "answering": (Predictions("answering", ("1",), ("x",), (("x",),)), "f1"),
}


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_every_kind_has_scores_and_one_that_decides(kind):
    predictions, metric = ONE_OF_EACH[kind]
    found = scores_of(predictions)
    assert json.loads(json.dumps(found)) == found
    assert (found["kind"], found["metric"]) == (kind, metric)
    assert found["scores"][metric] == pytest.approx(1.0)


def test_parts_of_speech_are_compared_by_their_accuracy():
    assert scores_of(Predictions("tagging", ("1",), (("NOUN",),), (("NOUN",),)))["metric"] == "accuracy"
    assert default_metric("tagging", {"accuracy": 1.0}) == "accuracy"


def test_answers_with_odds_have_the_best_threshold():
    found = scores_of(Predictions("answering", ("1",), ("",), (("x",),), null_odds=(1.0,), best_spans=("x",)))
    assert (found["scores"]["f1"], found["scores"]["best_f1"], found["scores"]["best_f1_threshold"]) == (0.0, 1.0, 1.0)


def test_what_cannot_be_scored():
    with pytest.raises(ValueError, match="has no gold labels"):
        scores_of(Predictions("regression", ("1",), (1.0,)))


def test_only_errors_are_better_when_lower():
    assert {"mse", "mae", "hamming_loss"} == LOWER_IS_BETTER
