"""What the compiler said of a phase, in lines for people and as one JSON object."""

from collections.abc import Iterable
from typing import Any

from trainer.compilation.compile_plan import CompiledPhase
from trainer.compilation.hlo import Collective
from trainer.devices.memory import padded_rows
from trainer.run.metrics import short_number


def lines(compiled: CompiledPhase) -> list[str]:
    """The figures of a phase; the last line is the verdict."""
    phase, step, machine = compiled.phase, compiled.step, compiled.machine
    gigabytes = [size / 1e9 for size in (step.total_bytes, step.argument_bytes, step.temporary_bytes, step.code_bytes)]
    room = machine.usable_memory or machine.device.memory
    note = " that JAX gives to a program" if machine.usable_memory else ""
    found = [
        f"phase {phase.name}: length {phase.sequence_length}, batch {phase.batch:,}",
        f"  split        {machine.devices} devices x {compiled.rows} rows x {compiled.micro_batches} micro batches"
        + padding_note(compiled.rows, tpu=machine.device.is_tpu),
        f"  memory       {gigabytes[0]:.2f} GB by the compiler (arguments {gigabytes[1]:.2f}, temporary {gigabytes[2]:.2f}, "
        f"code {gigabytes[3]:.2f}), {compiled.estimate.total / 1e9:.2f} GB by our estimate, of {room / 1e9:.1f} GB{note}",
        f"  FLOPs        {short_number(compiled.flops).strip()} an update" + _counted(compiled),
        *(f"  collectives  {described(one)}" for one in step.collectives),
    ]
    if not step.collectives:
        found.append("  collectives  none")
    return [*found, f"  time         {_time(compiled)}", verdict(compiled)]


def verdict(compiled: CompiledPhase) -> str:
    """One line: whether it fits, what is sent, how fast it may be."""
    step = compiled.step
    sent = sum(one.bytes for one in step.collectives)
    looped = sum(one.bytes for one in step.collectives if one.in_loop)
    text = f"phase {compiled.phase.name}: fits, {step.total_bytes / 1e9:.1f} GB a device; "
    text += (
        f"{sent / 1e6:,.0f} MB exchanged an update, {looped / 1e6:,.0f} MB of it in a loop"
        if sent
        else "nothing is exchanged"
    )
    if step.milliseconds and compiled.mfu:
        text += f"; about {step.milliseconds:,.0f} ms an update, MFU {compiled.mfu:.0%}"
    return text


def described(one: Collective) -> str:
    """One kind of exchange in words."""
    where = "in a loop" if one.in_loop else "outside of loops"
    return f"{one.count} x {one.kind} {where}, {one.bytes / 1e6:,.1f} MB an update"


def padding_note(rows: int, *, tpu: bool) -> str:
    """What a TPU makes of a number of rows that it cannot use whole; empty otherwise."""
    padded = padded_rows(rows)
    return f" (a TPU pads {rows} rows to {padded})" if tpu and padded != rows else ""


def as_json(compiled: CompiledPhase, plan: str, network: str, versions: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The figures as plain values, with the versions that made them."""
    step, machine, phase = compiled.step, compiled.machine, compiled.phase
    return {
        "plan": plan,
        "phase": phase.name,
        "network": network,
        "length": phase.sequence_length,
        "predictions": phase.predictions,
        "batch": phase.batch,
        "packing": phase.packing,
        "optimizer": phase.optimizer.name,
        "machine": machine.name,
        "device": machine.device.name,
        "devices": machine.devices,
        "micro_batches": compiled.micro_batches,
        "bytes": step.total_bytes,
        "argument_bytes": step.argument_bytes,
        "temporary_bytes": step.temporary_bytes,
        "estimated_bytes": compiled.estimate.total,
        "collectives": [vars(one) for one in step.collectives],
        "milliseconds": round(step.milliseconds, 1) if step.milliseconds else None,
        "mfu": round(compiled.mfu, 4) if compiled.mfu else None,
        "versions": dict(versions),
    }


def _counted(compiled: CompiledPhase) -> str:
    if not compiled.step.flops:
        return ", by our count; the compiler tells none"
    counted = compiled.step.flops * compiled.micro_batches * compiled.machine.devices
    return f" by our count, about {short_number(counted).strip()} by the compiler's"


def _time(compiled: CompiledPhase) -> str:
    if not compiled.step.milliseconds or not compiled.mfu:
        return "the compiler estimates none for GPUs"
    return (
        f"{compiled.step.milliseconds:,.0f} ms an update by the compiler's estimate, without exchanges, gathers, scatters and attention kernels: "
        f"MFU {compiled.mfu:.0%}; not measured"
    )
