import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from trainer.scores import class_counts
from trainer.scores.class_counts import AVERAGES, ClassCounts, averages, by_class


def _counts(gold, predicted, classes):
    one_of = np.eye(classes)
    return ClassCounts(one_of[gold] * one_of[predicted], one_of[predicted], one_of[gold])


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_every_average_is_that_of_scikit_learn(classes):
    stream = np.random.default_rng(classes)
    gold, predicted = stream.integers(0, classes, 60), stream.integers(0, classes, 60)
    found = averages(_counts(gold, predicted, classes + 2).total())  # two classes that do not occur
    assert tuple(found) == AVERAGES
    for average in ("macro", "micro", "weighted"):
        wanted = precision_recall_fscore_support(gold, predicted, average=average, zero_division=0.0)
        for name, value in zip(("precision", "recall", "f1"), wanted, strict=False):
            assert found[f"{average}_{name}"] == pytest.approx(value, abs=1e-12)


def test_a_resample_counts_an_example_as_often_as_it_is_in_it():
    gold, predicted = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 1])
    counts = _counts(gold, predicted, 2)
    drawn = counts.weighted(np.array([[2.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]))
    wanted = _counts(gold[[0, 0, 2, 3]], predicted[[0, 0, 2, 3]], 2).total()
    assert drawn.correct[0].tolist() == wanted.correct.tolist()
    f1 = [float(averages(part)["macro_f1"]) for part in (wanted, counts.total())]
    assert averages(drawn)["macro_f1"] == pytest.approx(f1)


def test_the_scores_of_a_class_beside_how_often_it_is_there():
    found = by_class(_counts([0, 0, 1], [0, 1, 1], 3).total(), ("a", "b", "c"))
    assert found["a"] == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "gold": 2, "predicted": 1}
    assert found["b"]["precision"] == 0.5
    assert found["c"] == {"precision": None, "recall": None, "f1": None, "gold": 0, "predicted": 0}


def test_a_class_that_is_only_predicted_takes_part_in_the_macro_average():
    found = averages(_counts([0, 0], [0, 1], 3).total())
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)
    assert found["weighted_f1"] == pytest.approx(2 / 3)


def test_nothing_there_and_nothing_predicted_is_no_division_by_zero():
    nothing = ClassCounts(np.zeros(0), np.zeros(0), np.zeros(0))
    assert {float(value) for value in averages(nothing).values()} == {0.0}
    never = ClassCounts(np.array([0.0]), np.array([0.0]), np.array([3.0]))
    assert class_counts.precision(never).tolist() == [0.0]
