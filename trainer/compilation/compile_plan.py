"""Compiles every phase of a plan for a machine, and looks for the next split where one does not fit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from beam_jobs.errors import UserError
from trainer.compilation.compile_step import CompiledStep, OutOfMemoryError, compile_ahead
from trainer.compilation.machine import Machine
from trainer.compilation.shapes import batch_shapes, state_shapes
from trainer.devices.device_sum import OverDevices, over_devices
from trainer.devices.memory import MemoryEstimate, Need, choose_accumulation, estimate_memory, splits
from trainer.devices.runtime import JaxRuntime
from trainer.model.attention.kernel import choose_kernel
from trainer.model.config import BertConfig
from trainer.model.size import flops_per_step
from trainer.model.states_and_logits import build_teacher
from trainer.optim.exclusions import rules_by_layer_type
from trainer.optim.optimizers import optimizer_of
from trainer.plans.distillation import Distillation
from trainer.plans.plan import Phase, Plan
from trainer.tasks.distillation import distillation, where_logits
from trainer.tasks.pretraining import pretraining_of
from trainer.tasks.task import Task
from trainer.training.sharded_update import sharded_update
from trainer.training.step import Frozen, make_train_step


@dataclass(frozen=True)
class CompiledPhase:
    """A phase on a machine, as the compiler sees it."""

    phase: Phase
    machine: Machine
    micro_batches: int
    estimate: MemoryEstimate
    flops: int  # of one update over all devices, by our own count
    step: CompiledStep

    @property
    def rows(self) -> int:
        """Rows of a micro batch on one device."""
        return self.phase.batch // (self.micro_batches * self.machine.devices)

    @property
    def mfu(self) -> float | None:
        """The share of the devices' peak by the compiler's estimate of time; None where it gives none."""
        if not self.step.milliseconds:
            return None
        return self.flops / (self.machine.devices * self.machine.device.flops * self.step.milliseconds / 1e3)


def compile_plan(
    plan: Plan,
    config: BertConfig,
    machine: Machine,
    runtime: JaxRuntime,
    say: Callable[[str], None],
    accumulation: int = 0,
    teacher: BertConfig | None = None,
) -> Iterator[CompiledPhase]:
    """The phases in order, each when it is compiled; phases of one shape are compiled once. `runtime` has the machine's devices.

    A plan of distillation is compiled for a `teacher` with this network.

    Raises UserError, with the next split that fits, for a phase that does not fit into the machine's devices.
    """
    attention = choose_kernel(plan.model.attention, runtime.platform, config, runtime.mesh, machine.device.name)
    task_of, frozen = _taught(plan, teacher, runtime, machine) if teacher else (pretraining_of, ())
    dtype, rematerialise = plan.model.compute_dtype, plan.model.rematerialise
    share = over_devices(runtime, plan.model.reduce_dtype)
    model = task_of(plan.phases[0]).build(
        config, compute_dtype=dtype, rematerialise=rematerialise, seed=None, attention=attention
    )
    done: dict[Any, CompiledStep] = {}
    for phase in plan.phases:
        task, optimizer = task_of(phase), optimizer_of(phase.optimizer)
        need = Need(
            config,
            plan.model,
            task.head_size(config, phase),
            optimizer.bytes_per_weight,
            "tpu" if machine.device.is_tpu else "gpu",
            machine.device.name,
        )
        memory = machine.usable_memory or machine.device.memory
        micro_batches = choose_accumulation(need, phase, machine.devices, memory, accumulation)
        key = (phase.batch, phase.sequence_length, phase.predictions, phase.packing, task, optimizer, micro_batches)
        if key not in done:
            done[key] = _compile_phase(model, task, frozen, phase, runtime, share, machine, micro_batches, say)
        yield CompiledPhase(
            phase=phase,
            machine=machine,
            micro_batches=micro_batches,
            estimate=estimate_memory(need, phase, micro_batches, machine.devices),
            flops=flops_per_step(config, need.heads, phase.batch, phase.sequence_length),
            step=done[key],
        )


def _compile_phase(
    model: keras.Model,
    task: Task,
    frozen: tuple[Frozen, ...],
    phase: Phase,
    runtime: JaxRuntime,
    share: OverDevices,
    machine: Machine,
    micro_batches: int,
    say: Callable[[str], None],
) -> CompiledStep:
    """The step of a phase with this split. UserError with the next split that fits, if this one does not."""
    first_problem = ""
    for split in splits(phase.batch // machine.devices):
        if split < micro_batches:
            continue
        shape = _shape(machine.devices, phase.batch // (split * machine.devices), split)
        say(
            f"phase {phase.name}: compiling {shape} at length {phase.sequence_length} for {machine}; this takes minutes"
        )
        try:
            step = _compile_split(model, task, frozen, phase, runtime, share, machine, split, say)
        except OutOfMemoryError as error:
            first_problem = first_problem or f"phase {phase.name}: {shape} does not fit into {machine}: {error}"
            say(f"phase {phase.name}: {shape} does not fit")
            continue
        if first_problem:
            raise UserError(
                f"{first_problem}; {shape} fits: set accumulation = {split} in this phase, or --accumulation {split}"
            )
        return step
    raise UserError(f"{first_problem}; no other split fits: set model.rematerialise = true, or name a larger machine")


def _compile_split(
    model: keras.Model,
    task: Task,
    frozen: tuple[Frozen, ...],
    phase: Phase,
    runtime: JaxRuntime,
    share: OverDevices,
    machine: Machine,
    split: int,
    say: Callable[[str], None],
) -> CompiledStep:
    optimizer = optimizer_of(phase.optimizer)
    state = state_shapes(model, optimizer, runtime)
    update = sharded_update(optimizer, runtime)
    step = runtime.compile_step(make_train_step(model, task, update, rules_by_layer_type(model), share), state)
    arguments = (state, batch_shapes(phase, split, runtime), runtime.put_scalar(0.0), *frozen)
    compiled = compile_ahead(step, arguments, machine, split, say)
    if machine.usable_memory and compiled.total_bytes > machine.usable_memory:
        needed, there = compiled.total_bytes / 1e9, machine.usable_memory / 1e9
        raise OutOfMemoryError(f"it needs {needed:.1f} GB of the {there:.1f} GB that JAX gives to a program")
    return compiled


def _taught(
    plan: Plan, teacher: BertConfig, runtime: JaxRuntime, machine: Machine
) -> tuple[Callable[[Phase], Task], tuple[Frozen, ...]]:
    """The task of every phase of a plan of distillation, and the teacher's weights as shapes."""
    import jax

    settings = plan.distillation or Distillation()
    attention = choose_kernel(plan.model.attention, runtime.platform, teacher, runtime.mesh, machine.device.name)
    network = build_teacher(
        teacher, where=where_logits(settings), compute_dtype=plan.model.compute_dtype, attention=attention
    )
    task = distillation(settings, network)
    frozen = {
        variable.path: jax.ShapeDtypeStruct(variable.shape, np.dtype("float32"), sharding=runtime.everywhere)
        for variable in network.trainable_variables
    }
    return lambda phase: task, (frozen,)


def _shape(devices: int, rows: int, micro_batches: int) -> str:
    return f"{devices} x {rows} rows x {micro_batches} micro batch{'es' if micro_batches > 1 else ''}"
