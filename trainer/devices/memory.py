"""Estimates the memory that an update needs on one device, before anything compiles, and chooses the micro batches.

The formula is that of Korthikanti et al., "Reducing activation recomputation in large transformer models" (2022), with
the constants of this model: dropout stores masks on a GPU only, attention scores are float32, and the logits of the heads are held once,
because their gradients take their place. The estimate may be wrong by a third; only the compiler (XLA) knows the exact figure,
which `trainer plan compile` asks for.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from beam_jobs.errors import UserError
from trainer.devices.division import division_of
from trainer.model.config import BertConfig
from trainer.model.size import HeadSize, parameter_count
from trainer.plans.plan import Phase
from trainer.plans.settings import ModelSettings

WIDTHS_PER_LAYER = 20  # activations kept per piece and layer, in units of the hidden size
TPU_ROWS = 8  # a TPU's arrays have rows in groups of so many
USABLE = 0.85  # share of a device's memory; the compiler needs the rest


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes on one device."""

    state: int  # weights and the optimizer's state
    gradients: int
    activations: int
    head: int  # logits of the heads and their gradients

    @property
    def total(self) -> int:
        """The sum of all parts."""
        return self.state + self.gradients + self.activations + self.head


@dataclass(frozen=True)
class Need:
    """What decides how much memory a row of a phase takes, besides the phase itself."""

    config: BertConfig
    model: ModelSettings
    heads: HeadSize
    state_bytes_per_weight: float  # of the optimizer
    stored_masks: bool = False  # whether XLA keeps the masks of dropout for the backward pass, as it does on a GPU


def estimate_memory(need: Need, phase: Phase, micro_batches: int, devices: int) -> MemoryEstimate:
    """Bytes that one update of a phase needs on each of `devices`.

    Sharded moments count as cut evenly, or as whole if the devices do not divide the hidden size.
    """
    config, model = need.config, need.model
    rows = -(-phase.batch // (micro_batches * devices))
    length, hidden, heads = phase.sequence_length, config.hidden_size, config.num_attention_heads
    width = 4 if model.compute_dtype == "float32" else 2
    layer = rows * length * (WIDTHS_PER_LAYER * hidden * width + heads * length * (4 + width))
    if need.stored_masks:  # a byte for each probability, and for each element of the two outputs of a layer
        layer += rows * length * (heads * length + 2 * hidden)
    if model.rematerialise:
        activations = config.num_hidden_layers * rows * length * hidden * width + layer
    else:
        activations = config.num_hidden_layers * layer
    parameters = parameter_count(config, need.heads)
    holders = devices if model.shard_moments and division_of((hidden, hidden), devices) else 1
    return MemoryEstimate(
        state=int((4 + need.state_bytes_per_weight / holders) * parameters),
        gradients=4 * parameters * (2 if micro_batches > 1 else 1),
        activations=activations,
        head=rows * need.heads.logit_bytes_per_row,
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
