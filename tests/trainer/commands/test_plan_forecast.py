import dataclasses
import io

import pytest
from rich.console import Console

from trainer.commands.plan_forecast import Target, describe_speed, flops_of, landmarks, print_forecast, speed_of
from trainer.compilation import stored_figures
from trainer.compilation.stored_figures import Figures
from trainer.devices.hardware import find_device
from trainer.model.config import BertConfig
from trainer.plans.plan import Phase
from trainer.plans.reading import read_plan
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


FIGURES = Figures("net", 128, 256, "lamb", False, "TPU v5e", 8, 2, 5_000_000_000, 0.36, "mine", "a", "v5e:2x4")
PHASE = Phase("p", 128, 256, 100, LearningRate(1e-3))


@pytest.mark.parametrize(
    ("device", "count", "given", "words"),
    [
        (
            "TPU v5e",
            8,
            0.0,
            "36% of peak by the compiler for v5e:2x4, without exchanges, not measured; 5.0 GB as 8 x 16 x 2",
        ),
        ("TPU v5e", 16, 0.0, "36% of peak is a guess: the compiler's for mine a on 8 x TPU v5e"),
        ("H100", 8, 0.0, "40% of peak is a guess; `trainer plan compile` asks the compiler"),
        ("TPU v5e", 8, 0.5, "50% of peak, as given"),
    ],
)
def test_where_a_speed_comes_from(device, count, given, words, monkeypatch):
    monkeypatch.setattr(stored_figures, "stored_figures", lambda: (FIGURES,))
    assert describe_speed(speed_of(PHASE, "net", find_device(device), count, given)) == words


def test_a_gpu_has_compiled_bytes_but_no_compiled_time(monkeypatch):
    silent = dataclasses.replace(FIGURES, device="H100", devices=1, mfu=None)
    monkeypatch.setattr(stored_figures, "stored_figures", lambda: (silent,))
    words = "40% of peak is a guess, as the compiler estimates no time for GPUs; 5.0 GB by the compiler"
    assert describe_speed(speed_of(PHASE, "net", find_device("H100"), 1)) == words


def test_the_teacher_of_a_plan_of_distillation_is_counted():
    plan, student = read_plan("distilbert"), BertConfig(30_000, num_hidden_layers=6)
    here = Target("H100", 8, 80e9)
    taught = dataclasses.replace(here, teacher=BertConfig(30_000))
    forward = flops_of(plan, student, taught) - flops_of(plan, student, here)
    of_teacher = flops_of(dataclasses.replace(plan, distillation=None), BertConfig(30_000), here)
    assert forward == pytest.approx(of_teacher / 3)
    console = Console(width=200, file=io.StringIO())
    print_forecast(plan, student, "mine", [None], taught, console)
    printed = console.file.getvalue()
    assert "teacher L12 H768 A12, 109.7 M parameters" in printed
    assert "start   layers of the teacher, its tables and its masked-LM head" in printed
