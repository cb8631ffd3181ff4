"""Compiler's figures of shipped plans, made once with `trainer plan compile --figures`, for `plan show`."""

import functools
import importlib.metadata
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from trainer.model.config import BertConfig
from trainer.plans.plan import Phase
from trainer.plans.settings import ModelSettings

FILE = "compiler_figures.jsonl"
_NAMES = ("jax", "libtpu", "jax-cuda13-plugin")


@dataclass(frozen=True)
class Figures:
    """What the compiler said of one phase on one machine."""

    network: str
    length: int
    batch: int
    optimizer: str
    packing: bool
    device: str
    devices: int
    micro_batches: int
    bytes: int  # of one device
    mfu: float | None  # None where the compiler estimates no time
    plan: str
    phase: str
    machine: str
    commit: str = ""  # of the trainer that was compiled; a later one may need and do something else


def network_name(config: BertConfig, model: ModelSettings) -> str:
    """The figures of a network on which its compiled step depends, in one word."""
    sizes = (
        f"L{config.num_hidden_layers}-H{config.hidden_size}-A{config.num_attention_heads}-I{config.intermediate_size}"
        f"-V{config.vocab_size}-{model.compute_dtype}"
    )
    sizes += "-rematerialised" if model.rematerialise else ""
    return sizes + ("-sharded" if model.shard_moments else "")


def versions() -> Iterator[tuple[str, str]]:
    """The compilers that are installed, by name."""
    for name in _NAMES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue


@functools.cache
def stored_figures() -> tuple[Figures, ...]:
    """All figures that come with the trainer."""
    text = (resources.files("trainer.compilation") / FILE).read_text(encoding="utf-8")
    names = Figures.__dataclass_fields__
    rows = [json.loads(line) for line in text.splitlines()]
    return tuple(
        Figures(
            **{name: value for name, value in row.items() if name in names},
            commit=row["versions"].get("beambert", ""),
        )
        for row in rows
    )


def figures_of(
    phase: Phase, network: str, device: str, devices: int, stored: tuple[Figures, ...] | None = None
) -> tuple[Figures | None, bool]:
    """The figures of this phase on these devices, and whether they are of exactly this phase.

    Otherwise they are those of a phase of the same length on the same kind of device, whose MFU will be near; None if
    there is none.
    """
    near = None
    for one in stored_figures() if stored is None else stored:
        if (one.device, one.length, one.packing) != (device, phase.sequence_length, phase.packing):
            continue
        same = (one.network, one.batch, one.optimizer, one.devices)
        if same == (network, phase.batch, phase.optimizer.name, devices):
            return one, True
        near = near or (one if one.mfu else None)
    return near, False
