import numpy as np

from trainer.optim.exclusions import WEIGHT
from trainer.optim.moments import BYTES_PER_WEIGHT, optimizer_with_moments, zero_moments
from trainer.plans.settings import OptimizerSettings


def test_two_float32_moments_of_every_weight():
    state = zero_moments({"a": (2, 3)})
    assert set(state) == {"first_moment", "second_moment", "moment_updates"}
    assert (state["first_moment"]["a"].shape, state["second_moment"]["a"].dtype) == ((2, 3), np.float32)
    assert state["first_moment"]["a"] is not state["second_moment"]["a"]
    assert (state["moment_updates"], state["moment_updates"].dtype, BYTES_PER_WEIGHT) == (0, np.int32, 8)


def test_the_update_is_the_functions_with_one_more_counted():
    asked = {}

    def move(weights, gradients, first, second, **more):
        asked.update(more)
        return {"w": 1}, {"w": 2}, {"w": 3}, {"w": np.float32(0.5), "v": np.float32(2.0)}

    settings = OptimizerSettings(clip_norm=0.25)
    optimizer = optimizer_with_moments(move, settings)
    state = {"first_moment": {}, "second_moment": {}, "moment_updates": np.int32(4)}
    new, after, figures = optimizer.update({}, {}, state, learning_rate=0.1, rules={"w": WEIGHT})
    assert asked == {"updates": 5, "learning_rate": 0.1, "settings": settings, "rules": {"w": WEIGHT}}
    assert (new, after) == ({"w": 1}, {"first_moment": {"w": 2}, "second_moment": {"w": 3}, "moment_updates": 5})
    assert {name: float(value) for name, value in figures.items()} == {"trust_ratio_min": 0.5, "trust_ratio_max": 2.0}
    assert (optimizer.clip_norm, optimizer.bytes_per_weight) == (0.25, 8)


def test_without_ratios_there_is_nothing_to_report():
    optimizer = optimizer_with_moments(lambda *a, **b: ({}, {}, {}, {}), OptimizerSettings())
    assert optimizer.update({}, {}, zero_moments({}), learning_rate=0.1, rules={})[2] == {}
