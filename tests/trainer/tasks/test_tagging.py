import numpy as np
import pytest

from trainer.tasks.tagging import tagging

PROBABILITIES = np.array([[[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]], [[0.7, 0.3], [0.4, 0.6], [0.1, 0.9]]])
ROWS = {
    "input_mask": np.ones((2, 3), np.int32),
    "weights": np.array([1.0, 0.0], np.float32),
    "labels": np.array([[0, 1, 1], [0, 0, 0]], np.int32),
    "label_weights": np.array([[0, 1, 1], [0, 0, 0]], np.float32),
}


def test_first_pieces_of_words_count_and_no_others():
    sums = tagging(2).sums({"logits": np.log(PROBABILITIES).astype(np.float32)}, ROWS)
    assert float(sums["loss"]) == pytest.approx(-np.log(0.8) - np.log(0.1), rel=1e-6)
    assert [float(sums[name]) for name in ("weight", "figure", "figure_weight", "instances")] == [2.0, 1.0, 2.0, 1.0]
    assert float(tagging(2).totals({name: value[None] for name, value in ROWS.items()})["weight"]) == 2.0


def test_class_weights_weigh_the_loss_and_not_the_accuracy():
    task = tagging(2, class_weights=(4.0, 0.5))
    rows = {**ROWS, "labels": np.array([[0, 1, 0], [0, 0, 0]], np.int32)}
    sums = task.sums({"logits": np.log(PROBABILITIES).astype(np.float32)}, rows)
    assert float(sums["loss"]) == pytest.approx(-0.5 * np.log(0.8) - 4.0 * np.log(0.9), rel=1e-6)
    assert [float(sums[name]) for name in ("weight", "figure", "figure_weight")] == [4.5, 2.0, 2.0]
    assert float(task.totals({name: value[None] for name, value in rows.items()})["weight"]) == 4.5
    assert tagging(2, class_weights=(4.0, 0.5)) is task, "equal settings share a compilation"
