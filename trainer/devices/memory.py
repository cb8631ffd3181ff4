"""Estimates the memory that an update needs on one device, before anything compiles, and chooses the micro batches.

Two moments can be the fullest: the end of the forward pass, with all that the backward pass needs of it
(`activation_memory.py`), and the update, when gradients stand beside what the optimizer makes of them. docs/compiled.md compares
the estimate with the compiler (XLA), which `trainer plan compile` asks for the exact figure.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from beam_jobs.errors import UserError
from trainer.devices.activation_memory import activation_bytes, logit_bytes
from trainer.devices.division import division_of
from trainer.model.config import BertConfig
from trainer.model.size import HeadSize, parameter_count
from trainer.plans.plan import Phase
from trainer.plans.settings import ModelSettings

TPU_ROWS = 8  # a TPU's arrays have rows in groups of so many
USABLE = 0.85  # share of a device's memory; the compiler needs the rest


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes on one device."""

    state: int  # weights and the optimizer's state
    gradients: int  # and, with bfloat16, the weights rounded to it
    activations: int
    head: int  # logits of the heads and their gradients
    update: int = 0  # gradients and temporary arrays, while the optimizer runs
    frozen: int = 0  # weights that do not learn, such as a teacher's

    @property
    def total(self) -> int:
        """The state, and what stands beside it at the fuller moment."""
        return self.state + self.frozen + max(self.gradients + self.activations + self.head, self.update)


@dataclass(frozen=True)
class Need:
    """What decides how much memory a row of a phase takes, besides the phase itself."""

    config: BertConfig
    model: ModelSettings
    heads: HeadSize
    state_bytes_per_weight: float  # of the optimizer
    platform: str = ""  # "tpu" or "gpu"; another is a CPU
    device_kind: str = ""  # the name of the device


def estimate_memory(need: Need, phase: Phase, micro_batches: int, devices: int) -> MemoryEstimate:
    """Bytes that one update of a phase needs on each of `devices`.

    Sharded moments count as cut evenly, or as whole if the devices do not divide the hidden size.
    """
    config, model = need.config, need.model
    rows = -(-phase.batch // (micro_batches * devices))
    rows = padded_rows(rows) if need.platform == "tpu" else rows
    parameters = parameter_count(config, need.heads)
    whole = not (model.shard_moments and division_of((config.hidden_size, config.hidden_size), devices))
    holders = 1 if whole else devices
    accumulated, table = micro_batches > 1, config.vocab_size * config.embedding_width
    rounded = 0 if model.compute_dtype == "float32" else 2 * parameters
    return MemoryEstimate(
        state=int((4 + need.state_bytes_per_weight / holders) * parameters),
        gradients=rounded + 4 * (parameters + (table if accumulated else 0)),
        activations=rows * activation_bytes(config, model, need.platform, phase.sequence_length, need.device_kind),
        head=logit_bytes(
            rows * need.heads.logit_bytes_per_row, model, "" if need.heads.whole_logits else need.platform
        ),
        update=4 * ((2 if devices > 1 else 1) * parameters + 3 * table),
        frozen=4 * need.heads.frozen_parameters,
    )


def choose_accumulation(need: Need, phase: Phase, devices: int, device_memory: float | None, given: int = 0) -> int:
    """Micro batches per update: `given`, or the plan's number, or as few as the device's memory allows.

    Raises UserError if the batch cannot be split evenly, or if no split fits into memory. The batch is never rounded.
    """
    where = f"phase {phase.name}"
    wanted = given or phase.accumulation
    for problem in check_rows(phase.batch, wanted or 1, devices):
        raise UserError(f"{where}: {problem}")
    if wanted or not device_memory:
        return wanted or 1
    room = USABLE * device_memory
    possible = splits(phase.batch // devices)
    for micro_batches in possible:
        if estimate_memory(need, phase, micro_batches, devices).total <= room:
            return micro_batches
    least = estimate_memory(need, phase, possible[-1], devices)
    raise UserError(
        f"{where}: even {possible[-1]} micro batches of {phase.batch // possible[-1]} rows need about {least.total / 1e9:.1f} GB "
        f"of the {device_memory / 1e9:.1f} GB a device has; set model.rematerialise = true, or --accumulation to try anyway"
    )


def splits(rows: int) -> list[int]:
    """The numbers of micro batches that divide the rows of a device evenly, in ascending order."""
    small = [n for n in range(1, math.isqrt(rows) + 1) if rows % n == 0]
    return small + [rows // n for n in reversed(small) if n * n != rows]


def padded_rows(rows: int) -> int:
    """The rows that a TPU computes for so many rows of a device: it pads them to a multiple of 8."""
    return -(-rows // TPU_ROWS) * TPU_ROWS


def check_rows(batch: int, micro_batches: int, devices: int) -> Iterable[str]:
    """The problem if a batch cannot be split evenly, with the nearest batches that can; nothing if it can."""
    group = micro_batches * devices
    if batch % group:
        below, above = batch // group * group, -(-batch // group) * group
        choices = " or ".join(str(choice) for choice in sorted({below, above} - {0}))
        over = f"{devices} devices" + (f" x {micro_batches} micro batches" if micro_batches > 1 else "")
        yield f"batch {batch} cannot be split evenly over {over}: make it {choices}, or use another number of devices"
