import numpy as np
import pytest
from sklearn.metrics import f1_score

from trainer.scores import multi_label

LABELS = ("a", "b", "c", "d")


def test_the_labels_from_a_threshold_on_in_their_order():
    assert multi_label.chosen({"b": 0.5, "a": 0.9, "c": 0.49}) == ("b", "a")
    assert multi_label.chosen({"b": 0.5, "a": 0.9}, threshold=0.6) == ("a",)


def test_the_scores_are_those_of_scikit_learn_on_the_matrix():
    stream = np.random.default_rng(0)
    gold, given = (stream.random((2, 50, 4)) < 0.4).astype(int)
    names = [[[LABELS[i] for i in np.flatnonzero(row)] for row in matrix] for matrix in (gold, given)]
    found = multi_label.scores(*names, LABELS)["scores"]
    assert found["subset_accuracy"] == pytest.approx((gold == given).all(1).mean())
    assert found["hamming_loss"] == pytest.approx((gold != given).mean())
    for average in ("macro", "micro", "weighted"):
        assert found[f"{average}_f1"] == pytest.approx(f1_score(gold, given, average=average), abs=1e-12)


def test_by_hand():
    found = multi_label.scores([["a", "b"], []], [["b"], ["c"]], LABELS)
    assert found["scores"]["subset_accuracy"] == 0
    assert found["scores"]["hamming_loss"] == 2 / 8
    assert found["scores"]["micro_precision"] == found["scores"]["micro_recall"] == 0.5
    assert found["scores"]["macro_f1"] == pytest.approx(1 / 3)  # a 0, b 1, c 0; d does not occur
    assert found["per_class"]["b"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "gold": 1, "predicted": 1}


def test_no_label_at_all():
    found = multi_label.scores([[], []], [[], []], LABELS)
    assert found["scores"]["subset_accuracy"] == 1
    assert found["scores"]["macro_f1"] == 0


def test_one_label_alone():
    found = multi_label.scores([["a"], []], [["a"], ["a"]], ("a",))["scores"]
    assert found["macro_f1"] == found["micro_f1"] == pytest.approx(2 / 3)
    assert found["subset_accuracy"] == 0.5


def test_a_label_that_is_not_among_those_of_the_model():
    with pytest.raises(ValueError, match="no such label: 'z'"):
        multi_label.scores([["z"]], [[]], LABELS)
