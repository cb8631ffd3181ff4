import pytest

from trainer.commands.plan_forecast import landmarks
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate


def steps_of(phase_steps=100, **rate):
    return [step for step, _ in landmarks(Phase("p", 128, 8, phase_steps, LearningRate(1e-3, **rate)))]


@pytest.mark.parametrize(
    ("rate", "steps"),
    [
        ({}, [0, 50, 99]),
        ({"warmup_steps": 10}, [0, 10, 50, 99]),
        ({"warmup_steps": 50}, [0, 50, 99]),
        ({"warmup_steps": 10, "decay": "linear", "decay_steps": 60}, [0, 10, 50, 70, 99]),
        ({"warmup_steps": 10, "decay": "linear", "decay_steps": 60, "decay_from": "phase_start"}, [0, 10, 50, 60, 99]),
        ({"warmup_steps": 10, "decay": "linear", "decay_steps": 90}, [0, 10, 50, 99]),
    ],
)
def test_the_steps_that_are_worth_a_look(rate, steps):
    assert steps_of(**rate) == steps


def test_the_rate_there():
    phase = Phase("p", 128, 8, 100, LearningRate(1e-3, warmup_steps=10))
    assert landmarks(phase) == [(0, 0.0), (10, 1e-3), (50, 1e-3), (99, 1e-3)]
