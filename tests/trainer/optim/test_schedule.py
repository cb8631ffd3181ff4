import numpy as np
import pytest

from trainer.optim.schedule import learning_rate
from trainer.plans.settings import LearningRate


def rates(settings, phase_steps, steps):
    return [learning_rate(settings, phase_steps, step) for step in steps]


def test_warm_up_then_constant_is_the_notram_phase():
    settings = LearningRate(peak=4e-4, warmup_steps=50_000)
    assert rates(settings, 700_000, [0, 25_000, 50_000, 699_999]) == pytest.approx([0, 2e-4, 4e-4, 4e-4])


def test_linear_decay_ends_where_the_plan_says():
    settings = LearningRate(peak=1e-4, warmup_steps=10_000, decay="linear", end=1e-5)
    assert rates(settings, 900_000, [10_000, 455_000, 900_000]) == pytest.approx([1e-4, 5.5e-5, 1e-5])


def test_decay_counted_from_the_phase_start_is_that_of_google_bert():
    settings = LearningRate(peak=1e-4, warmup_steps=10_000, decay="linear", decay_from="phase_start")
    assert rates(settings, 1_000_000, [9_999, 10_000, 500_000]) == pytest.approx([9.999e-5, 9.9e-5, 5e-5])


def test_decay_steps_shorter_than_the_phase_hold_the_end():
    settings = LearningRate(peak=1e-3, decay="polynomial", power=2.0, end=1e-5, decay_steps=100)
    assert rates(settings, 1000, [0, 50, 100, 900]) == pytest.approx([1e-3, 1e-5 + 0.25 * 9.9e-4, 1e-5, 1e-5])


def test_cosine_and_inverse_square_root():
    cosine = LearningRate(peak=1e-3, decay="cosine")
    assert rates(cosine, 100, [0, 50, 100]) == pytest.approx([1e-3, 5e-4, 0], abs=1e-12)
    root = LearningRate(peak=1e-3, warmup_steps=100, decay="inverse_sqrt")
    assert rates(root, 10_000, [100, 400, 9_999]) == pytest.approx([1e-3, 5e-4, 1e-3 * np.sqrt(100 / 9_999)])
