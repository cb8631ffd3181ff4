import warnings

import numpy as np
import pytest
from sklearn.metrics import f1_score, matthews_corrcoef

from trainer.scores import classification

LABELS = ("neutral", "bad", "good")


def _sample(seed=0, count=80):
    stream = np.random.default_rng(seed)
    return [list(stream.choice(LABELS, count, p=(0.1, 0.2, 0.7))) for _ in range(2)]


def test_the_scores_are_those_of_scikit_learn_on_the_names():
    gold, predicted = _sample()
    found = classification.scores(gold, predicted, LABELS)["scores"]
    for average in ("macro", "micro", "weighted"):
        assert found[f"{average}_f1"] == pytest.approx(f1_score(gold, predicted, average=average), abs=1e-12)
    assert found["accuracy"] == found["micro_f1"] == pytest.approx(np.mean(np.array(gold) == np.array(predicted)))
    assert found["matthews"] == pytest.approx(matthews_corrcoef(gold, predicted), abs=1e-12)


def test_by_hand():
    found = classification.scores(["good", "good", "bad", "bad"], ["good", "bad", "bad", "bad"], ("bad", "good"))
    assert found["examples"] == 4
    assert found["scores"]["accuracy"] == 0.75
    assert found["per_class"]["bad"] == {"precision": 2 / 3, "recall": 1.0, "f1": 0.8, "gold": 2, "predicted": 3}
    assert found["per_class"]["good"]["f1"] == pytest.approx(2 / 3)
    assert found["scores"]["macro_f1"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert found["confusion_matrix"] == {"labels": ["bad", "good"], "rows": [[2, 0], [1, 1]]}


def test_the_order_of_the_labels_is_the_model_s_and_changes_no_score():
    gold, predicted = _sample(1)
    one = classification.scores(gold, predicted, LABELS)
    other = classification.scores(gold, predicted, LABELS[::-1])
    assert one["scores"] == pytest.approx(other["scores"])
    assert one["confusion_matrix"]["labels"] == list(LABELS)
    assert list(other["per_class"]) == list(LABELS[::-1])


def test_a_label_that_does_not_occur_lowers_no_average():
    gold, predicted = _sample(2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = classification.scores(gold, predicted, (*LABELS, "never"))
    assert found["scores"] == classification.scores(gold, predicted, LABELS)["scores"]
    assert found["per_class"]["never"]["f1"] is None


def test_a_label_that_is_not_among_those_of_the_model():
    with pytest.raises(ValueError, match="no such label: 'ugly'"):
        classification.scores(["ugly"], ["good"], LABELS)


def test_one_label_in_all_places_is_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = classification.scores(["good"] * 3, ["good"] * 3, LABELS)["scores"]
    assert (found["macro_f1"], found["matthews"]) == (1, 0)


def test_the_example_of_the_page():
    """docs/finetuning.md: 90 of 100 texts are positive, and all are called so."""
    found = classification.scores(["positive"] * 90 + ["negative"] * 10, ["positive"] * 100, ("negative", "positive"))
    scores = found["scores"]
    assert scores["accuracy"] == scores["micro_f1"] == pytest.approx(0.90, abs=0.005)
    assert found["per_class"]["positive"]["f1"] == pytest.approx(0.95, abs=0.005)
    assert scores["weighted_f1"] == pytest.approx(0.85, abs=0.005)
    assert scores["macro_f1"] == pytest.approx(0.47, abs=0.005)
