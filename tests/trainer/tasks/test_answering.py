import numpy as np
import pytest

from trainer.tasks.answering import answering


def sums(mask, logits, answers, weights):
    rows = {
        "input_mask": np.array(mask, np.int32),
        "start_positions": np.array(answers, np.int32)[:, 0],
        "end_positions": np.array(answers, np.int32)[:, 1],
        "weights": np.array(weights, np.float32),
    }
    found = answering().sums({"logits": np.array(logits, np.float32)}, rows)
    return {name: float(value) for name, value in found.items()}


START, END = np.log([0.1, 0.6, 0.3]), np.log([0.25, 0.25, 0.5])
LOGITS = np.stack([START, END], -1)[None]


def test_the_loss_is_the_mean_of_both_ends():
    found = sums([[1, 1, 1]], LOGITS, [[1, 2]], [1.0])
    assert found["loss"] == pytest.approx(-(np.log(0.6) + np.log(0.5)) / 2, rel=1e-6)
    assert found["figure"] == 1.0
    assert sums([[1, 1, 1]], LOGITS, [[1, 1]], [1.0])["figure"] == 0.0, "one end is not enough"


def test_what_fills_up_a_row_does_not_change_the_loss():
    padded = np.concatenate([LOGITS, np.full((1, 5, 2), 3.0)], 1)
    found = sums([[1, 1, 1, 0, 0, 0, 0, 0]], padded, [[1, 2]], [1.0])
    assert found["loss"] == pytest.approx(sums([[1, 1, 1]], LOGITS, [[1, 2]], [1.0])["loss"], rel=1e-6)
    two = sums([[1, 1, 1]] * 2, np.concatenate([LOGITS, LOGITS]), [[1, 2], [0, 0]], [1.0, 0.0])
    assert (two["loss"], two["weight"]) == (pytest.approx(found["loss"], rel=1e-6), 1.0)
