import numpy as np
import pytest

from trainer.tasks.regression import regression


def test_the_loss_is_the_squared_error_and_the_figure_the_absolute_one():
    rows = {
        "input_mask": np.ones((3, 2), np.int32),
        "weights": np.array([1.0, 1.0, 0.0], np.float32),
        "targets": np.array([1.0, -2.0, 9.0], np.float32),
    }
    sums = regression().sums({"logits": np.array([[1.5], [-4.0], [0.0]], np.float32)}, rows)
    assert {name: float(value) for name, value in regression().means(sums).items()} == pytest.approx(
        {"loss": (0.25 + 4.0) / 2, "absolute_error": (0.5 + 2.0) / 2}
    )
    assert float(regression().totals(rows)["weight"]) == 2.0
