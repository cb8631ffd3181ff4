from dataclasses import replace

import pytest

from beam_jobs.errors import UserError
from trainer.scores.comparison.aligned_runs import Run, aligned, some_of
from trainer.scores.predictions import Predictions

BASE = Predictions("classification", ("1", "2", "3"), ("a", "b", "a"), ("a", "a", "b"), ("a", "b"))


def _run(name, predictions):
    return Run(name, 0, predictions)


def test_examples_in_the_order_of_the_first_run_and_the_labels_of_all():
    other = Predictions("classification", ("3", "1", "2"), ("z", "a", "b"), ("b", "a", "a"), ("z", "b", "a"))
    base, experiment = aligned([_run("x", BASE)], [_run("y", other), _run("w", BASE)])
    assert [len(base), len(experiment)] == [1, 2]
    found = experiment[0].predictions
    assert (found.ids, found.predicted, found.gold) == (("1", "2", "3"), ("a", "b", "z"), ("a", "a", "b"))
    assert base[0].predictions.labels == found.labels == ("a", "b", "z")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (replace(BASE, gold=None), "^y has no gold labels; compare runs whose examples are labelled$"),
        (Predictions("regression", ("1",), (1.0,), (1.0,)), "^x is classification, but y is regression; .* one task$"),
        (
            Predictions("classification", ("1", "2"), ("a", "a"), ("a", "a"), ("a",)),
            r"^y has no prediction for 1 of the 3 examples of x \(ids 3\)",
        ),
        (
            Predictions("classification", ("1", "2", "3", "4", "5", "6", "7"), ("a",) * 7, ("a",) * 7, ("a",)),
            r"^x has no prediction for 4 of the 7 examples of y \(ids 4, 5, 6, ...\)",
        ),
        (replace(BASE, gold=("a", "b", "b")), "^x and y do not agree on what is right for example 2;"),
    ],
)
def test_runs_that_cannot_be_compared_are_named(other, message):
    with pytest.raises(UserError, match=message):
        aligned([_run("x", BASE)], [_run("y", other)])


def test_several_labels_are_the_same_in_any_order():
    one = Predictions("multi_label", ("1",), ((),), (("a", "b"),), ("a", "b"))
    aligned([_run("x", one)], [_run("y", replace(one, gold=(("b", "a"),)))])


def test_the_first_three():
    assert some_of(["1", "2", "3"]) == "1, 2, 3"
    assert some_of("abcd") == "a, b, c, ..."
