import pytest

from trainer.scores.predictions import Predictions


def test_predictions_with_their_gold_can_be_scored():
    found = Predictions("classification", ("1", "2"), ("a", "b"), labels=("a", "b"))
    assert found.problem() == "has no gold labels"
    with_gold = found.with_gold({"2": "a", "1": "b"})
    assert with_gold.gold == ("b", "a")
    assert with_gold.problem() == ""


def test_an_example_without_gold():
    with pytest.raises(KeyError, match="2"):
        Predictions("regression", ("1", "2"), (1.0, 2.0)).with_gold({"1": 0.0})


@pytest.mark.parametrize(
    ("predictions", "problem"),
    [
        (Predictions("regression", (), (), ()), "has no examples"),
        (
            Predictions("tagging", ("7",), (("O",),), (("O", "O"),)),
            "has 1 tags for example 7, but its gold has 2",
        ),
        (
            Predictions("classification", ("1",), ("a",), ("c",), ("a", "b")),
            "knows no label 'c', which the gold has",
        ),
        (
            Predictions("multi_label", ("1",), (("a",),), (("a", "z"),), ("a", "b")),
            "knows no label 'z', which the gold has",
        ),
    ],
)
def test_what_cannot_be_scored(predictions, problem):
    assert predictions.problem() == problem
