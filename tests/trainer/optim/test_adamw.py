"""Two updates of one number, worked out by hand; runs of twenty are compared in test_golden.py."""

import dataclasses
import math

import numpy as np
import pytest

from trainer.optim.adamw import adam_direction, adamw_update
from trainer.optim.exclusions import BIAS, WEIGHT
from trainer.plans.settings import OptimizerSettings

SETTINGS = OptimizerSettings(name="adamw", beta_1=0.5, beta_2=0.75, epsilon=0.25, weight_decay=0.1)


def direction(gradient, first, second, updates, **changes):
    arrays = (np.float32(value) for value in (gradient, first, second))
    return [float(v) for v in adam_direction(*arrays, updates, dataclasses.replace(SETTINGS, **changes))]


def test_the_first_step_is_the_sign_of_the_gradient_but_for_epsilon():
    step, first, second = direction(2.0, 0.0, 0.0, 1)
    assert (first, second) == (1.0, 1.0)
    assert step == pytest.approx(2.0 / (2.0 + 0.25))  # 1 / (1 - 0.5) over sqrt(1 / (1 - 0.75)) + epsilon


def test_moments_decay():
    step, first, second = direction(4.0, 1.0, 8.0, 3)
    assert (first, second) == (0.5 * 1 + 0.5 * 4, 0.75 * 8 + 0.25 * 16)
    assert step == pytest.approx((2.5 / (1 - 0.5**3)) / (math.sqrt(10 / (1 - 0.75**3)) + 0.25))


def test_without_correction_nothing_is_divided():
    assert direction(4.0, 1.0, 8.0, 3, bias_correction=False)[0] == pytest.approx(2.5 / (math.sqrt(10) + 0.25))


def test_a_beta_of_zero():
    assert direction(3.0, 9.0, 9.0, 1, beta_1=0.0, beta_2=0.0) == pytest.approx([3 / 3.25, 3.0, 9.0])


def test_decay_is_of_weights_alone_and_scaled_by_the_rate():
    zero = {"w": np.zeros(1, np.float32), "b": np.zeros(1, np.float32)}
    new, first, second, ratios = adamw_update(
        {"w": np.float32([2.0]), "b": np.float32([2.0])},
        {"w": np.float32([4.0]), "b": np.float32([4.0])},
        zero,
        zero,
        updates=1,
        learning_rate=0.5,
        settings=SETTINGS,
        rules={"w": WEIGHT, "b": BIAS},
    )
    step = 4 / 4.25
    assert float(new["b"][0]) == pytest.approx(2 - 0.5 * step)
    assert float(new["w"][0]) == pytest.approx(2 - 0.5 * (step + 0.1 * 2))
    assert (float(first["w"][0]), float(second["w"][0]), ratios) == (2.0, 4.0, {})
