"""The optimizers that a plan can name, and the state that each owns."""

import numpy as np
import pytest

from trainer.optim.exclusions import BIAS, WEIGHT
from trainer.optim.optimizers import optimizer_of
from trainer.optim.state_size import STATE_BYTES_PER_WEIGHT
from trainer.plans.settings import OptimizerSettings

SHAPES = {"dense/kernel": (3, 2), "dense/bias": (2,)}
RULES = {"dense/kernel": WEIGHT, "dense/bias": BIAS}


def test_the_same_settings_give_the_same_object():
    """Otherwise two phases with the same optimizer would be compiled twice."""
    assert optimizer_of(OptimizerSettings()) is optimizer_of(OptimizerSettings())
    assert optimizer_of(OptimizerSettings()) is not optimizer_of(OptimizerSettings(beta_1=0.8))


@pytest.mark.parametrize("name", ["lamb", "adamw"])
def test_the_state_begins_with_two_moments_of_zeros(name):
    optimizer = optimizer_of(OptimizerSettings(name=name, clip_norm=0.25))
    assert optimizer.clip_norm == 0.25
    state = optimizer.initial_state(SHAPES)
    assert sorted(state) == ["first_moment", "moment_updates", "second_moment"]
    assert state["moment_updates"].dtype == np.int32
    arrays = [array for moment in ("first_moment", "second_moment") for array in state[moment].values()]
    assert [array.shape for array in arrays] == [*SHAPES.values()] * 2
    assert not any(array.any() for array in arrays)
    weights = sum(int(np.prod(shape)) for shape in SHAPES.values())
    assert sum(array.nbytes for array in arrays) == optimizer.bytes_per_weight * weights
    assert STATE_BYTES_PER_WEIGHT[name] == optimizer.bytes_per_weight


@pytest.mark.parametrize(("name", "figures"), [("lamb", ["trust_ratio_max", "trust_ratio_min"]), ("adamw", [])])
def test_an_update_counts_and_reports(name, figures):
    optimizer = optimizer_of(OptimizerSettings(name=name, weight_decay=0.0))
    weights = {path: np.full(shape, 2.0, np.float32) for path, shape in SHAPES.items()}
    gradients = {path: np.ones(shape, np.float32) for path, shape in SHAPES.items()}
    state = optimizer.initial_state(SHAPES)
    new, after, found = optimizer.update(weights, gradients, state, learning_rate=0.5, rules=RULES)
    assert int(after["moment_updates"]) == 1
    np.testing.assert_allclose(after["first_moment"]["dense/kernel"], 0.1, rtol=1e-6)
    np.testing.assert_allclose(after["second_moment"]["dense/kernel"], 0.001, rtol=1e-4)
    np.testing.assert_allclose(new["dense/bias"], 1.5, rtol=1e-5)  # an Adam step of 1, times the rate
    np.testing.assert_allclose(
        new["dense/kernel"], 1.0 if name == "lamb" else 1.5, rtol=1e-5
    )  # |weights| / |step| is 2
    assert sorted(found) == figures
    for value in found.values():
        assert float(value) == pytest.approx(2.0, rel=1e-5)
