"""LAMB's trust ratio is the quotient of the norms (You et al. 2020, algorithm 2 with the identity as phi): never clipped."""

import keras
import numpy as np
import pytest

from trainer.optim.exclusions import WEIGHT
from trainer.optim.lamb import lamb_update, trust_ratio
from trainer.plans.settings import OptimizerSettings


@pytest.mark.parametrize("ratio", [1e-6, 1e-3, 0.5, 1.0, 9.0, 11.0, 1e3, 1e6])
def test_the_ratio_has_no_bounds(ratio):
    step = np.array([[3.0, 4.0], [0.0, 12.0]], np.float32)
    assert float(trust_ratio(np.float32(ratio) * step[::-1], step)) == pytest.approx(ratio, rel=1e-5)


def test_where_a_norm_is_zero_the_ratio_is_one():
    some, none = np.ones(3, np.float32), np.zeros(3, np.float32)
    assert [float(trust_ratio(a, b)) for a, b in ((none, some), (some, none), (none, none))] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("size", [1e-3, 1.0, 50.0])
def test_an_adapted_variable_moves_by_the_learning_rate_times_its_norm(size):
    weights = size * np.array([1.0, -2.0, 2.0], np.float32)
    gradients = np.array([0.1, 0.2, -0.3], np.float32)
    zero = np.zeros(3, np.float32)
    new, _, _, ratios = lamb_update(
        {"w": weights},
        {"w": gradients},
        {"w": zero},
        {"w": zero},
        updates=1,
        learning_rate=0.01,
        settings=OptimizerSettings(weight_decay=0.0),
        rules={"w": WEIGHT},
    )
    moved = keras.ops.convert_to_numpy(new["w"]) - weights
    assert float(np.linalg.norm(moved)) == pytest.approx(0.01 * 3 * size, rel=1e-3)
    assert float(ratios["w"]) == pytest.approx(3 * size / np.sqrt(3), rel=1e-3)
