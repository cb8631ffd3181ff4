import numpy as np
import pytest

from trainer.tasks.classification import classification, multi_label

MASK = np.ones((3, 2), np.int32)
WEIGHTS = np.array([1.0, 1.0, 0.0], np.float32)


def floats(values):
    return {name: float(value) for name, value in values.items()}


def sums(task, logits, labels):
    name = "targets" if np.ndim(labels) == 2 else "labels"
    rows = {
        "input_mask": MASK,
        "weights": WEIGHTS,
        name: np.array(labels, np.float32 if name == "targets" else np.int32),
    }
    return floats(task.sums({"logits": np.array(logits, np.float32)}, rows))


def test_one_label_is_a_cross_entropy():
    logits = np.log([[0.25, 0.75], [0.5, 0.5], [0.9, 0.1]])
    found = sums(classification(2), logits, [1, 0, 1])
    assert found["loss"] == pytest.approx(-np.log(0.75) - np.log(0.5), rel=1e-6)
    assert (found["weight"], found["figure"], found["figure_weight"]) == (2.0, 2.0, 2.0)


def test_class_weights_weigh_the_loss_and_not_the_accuracy():
    logits = np.log([[0.25, 0.75], [0.4, 0.6], [0.9, 0.1]])
    task = classification(2, class_weights=(3.0, 0.5))
    found = sums(task, logits, [1, 0, 1])
    assert found["loss"] == pytest.approx(-0.5 * np.log(0.75) - 3.0 * np.log(0.4), rel=1e-6)
    assert (found["weight"], found["figure"], found["figure_weight"]) == (3.5, 1.0, 2.0)
    batch = {"labels": np.array([[1], [0]]), "weights": np.ones((2, 1), np.float32)}
    assert float(task.totals(batch)["weight"]) == 3.5, "the totals of two micro batches"


def test_several_labels_are_as_many_binary_cross_entropies():
    logits = np.log([[3.0, 1.0], [1.0, 1 / 3], [9.0, 9.0]])  # probabilities .75 and .5; .5 and .25
    found = sums(multi_label(2), logits, [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    wanted = (-np.log(0.75) - np.log(0.5)) / 2 + (-np.log(0.5) - np.log(0.75)) / 2
    assert found["loss"] == pytest.approx(wanted, rel=1e-6)
    assert (found["weight"], found["figure"]) == (2.0, 1.5), "a half counts as yes"
    weighted = sums(multi_label(2, positive_weights=(2.0, 1.0)), logits, [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    assert weighted["loss"] - found["loss"] == pytest.approx(-np.log(0.75) / 2, rel=1e-5)


def test_equal_settings_are_one_task_so_that_they_share_a_compilation():
    assert classification(3, 0.1) is classification(3, 0.1)
    assert multi_label(3) is multi_label(3)
    assert classification(3) is not classification(3, 0.2)
