"""Plans compiled for the CPU of this machine, as for any other: phases, splits, and what does not fit."""

import dataclasses

import pytest

from beam_jobs.errors import UserError
from trainer.compilation.compile_plan import compile_plan
from trainer.compilation.machine import Machine
from trainer.devices.hardware import find_device
from trainer.devices.runtime import JaxRuntime
from trainer.model.config import BertConfig
from trainer.model.size import encoder_parameters
from trainer.plans.distillation import Distillation
from trainer.plans.plan import Phase, Plan
from trainer.plans.settings import LearningRate, ModelSettings

CONFIG = BertConfig(500, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)


def phase(name, batch=16, length=32, **changes):
    return Phase(name, length, batch, 10, LearningRate(1e-3), **changes)


def plan(*phases):
    return Plan("mine", phases, model=ModelSettings(compute_dtype="float32"))


def machine(memory=0.0):
    return Machine("here", "cpu", find_device("H100"), 1, usable_memory=memory)


def test_phases_of_one_shape_are_compiled_once():
    said = []
    runtime = JaxRuntime(JaxRuntime().devices[:1])
    first, same, other = compile_plan(
        plan(phase("a"), phase("b"), phase("c", length=64, accumulation=4)), CONFIG, machine(), runtime, said.append
    )
    assert first.step is same.step
    assert (first.rows, first.micro_batches) == (16, 1)
    assert (other.rows, other.micro_batches) == (4, 4)
    assert other.flops > first.flops
    assert first.mfu is None  # no estimate of time
    assert [line.split(",")[0] for line in said] == [
        "phase a: compiling 1 x 16 rows x 1 micro batch at length 32 for 1 x H100 (here); this takes minutes",
        "phase c: compiling 1 x 4 rows x 4 micro batches at length 64 for 1 x H100 (here); this takes minutes",
    ]


def test_what_does_not_fit_is_refused_with_the_next_split_that_does():
    runtime = JaxRuntime(JaxRuntime().devices[:1])
    wide = plan(phase("a", batch=64))
    (whole,) = compile_plan(wide, CONFIG, machine(), runtime, print, accumulation=1)
    (halves,) = compile_plan(wide, CONFIG, machine(), runtime, print, accumulation=4)
    assert halves.step.total_bytes < whole.step.total_bytes
    between = (whole.step.total_bytes + halves.step.total_bytes) / 2
    with pytest.raises(
        UserError, match=r"phase a: 1 x 64 rows x 1 micro batch does not fit .* set accumulation = [24] in"
    ):
        list(compile_plan(wide, CONFIG, machine(between), runtime, print, accumulation=1))


def test_what_fits_in_no_split_says_so():
    runtime = JaxRuntime(JaxRuntime().devices[:1])
    with pytest.raises(
        UserError, match=r"no other split fits: set model\.rematerialise = true, or name a larger machine"
    ):
        list(compile_plan(plan(phase("a", batch=2)), CONFIG, machine(1e3), runtime, print, accumulation=1))


def test_a_plan_of_distillation_is_compiled_with_its_teacher():
    runtime = JaxRuntime(JaxRuntime().devices[:1])
    alone = plan(phase("a", next_sentence_weight=0.0))
    taught = dataclasses.replace(alone, distillation=Distillation())
    teacher = dataclasses.replace(CONFIG, num_hidden_layers=2)
    (without,) = compile_plan(alone, CONFIG, machine(), runtime, print)
    (with_teacher,) = compile_plan(taught, CONFIG, machine(), runtime, print, teacher=teacher)
    weights = 4 * (encoder_parameters(teacher) - teacher.hidden_size * (teacher.hidden_size + 1))  # no pooler
    assert with_teacher.step.argument_bytes - without.step.argument_bytes >= weights
    assert with_teacher.estimate.frozen >= weights
    assert with_teacher.flops > without.flops
