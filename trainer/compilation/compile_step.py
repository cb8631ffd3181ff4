"""Compiles one training step for a machine that is not here, and reads from the result what it will need and send."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from beam_jobs.errors import UserError
from trainer.compilation.hlo import Collective, collectives, estimated_cycles
from trainer.compilation.machine import Machine

TELL_EVERY = 60.0  # seconds between lines while the compiler works


@dataclass(frozen=True)
class CompiledStep:
    """What the compiler says of one update on one device."""

    argument_bytes: int  # the state and a batch
    temporary_bytes: int
    code_bytes: int
    total_bytes: int  # all of these, and results that do not take the place of arguments
    collectives: tuple[Collective, ...]
    flops: float | None  # of one micro batch, as the compiler counts them; None if it does not
    milliseconds: float | None  # of one update, estimated, as in `estimated_cycles`; None for GPUs
    compiled_in: float  # seconds


class OutOfMemoryError(Exception):
    """The compiler found no way to fit the step into a device; the message is the compiler's."""


def devices_of(machine: Machine) -> list[Any]:
    """The devices of a machine for `JaxRuntime`. Raises UserError if the compiler knows no such machine."""
    from jax.experimental import topologies

    try:
        return list(topologies.get_topology_desc(platform=machine.platform, **machine.options).devices)
    except Exception as error:  # of several kinds, by platform and version
        text = " ".join(str(error).split())
        raise UserError(f"{machine.name}: the compiler knows no such machine ({text[:200]}); name another") from error


def compile_ahead(
    step: Any, arguments: tuple[Any, ...], machine: Machine, micro_batches: int, say: Callable[[str], None]
) -> CompiledStep:
    """Compile `step`, made by `JaxRuntime.compile_step`, for arguments of these shapes. Takes minutes.

    Raises OutOfMemoryError if the step does not fit into a device.
    """
    started = time.perf_counter()
    try:
        with _telling(say):
            compiled = step.trace(*arguments).lower(lowering_platforms=(machine.platform,)).compile()
    except Exception as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise OutOfMemoryError(" ".join(str(error).split()).rstrip(".")) from error
    memory, text = compiled.memory_analysis(), compiled.as_text()
    cycles = estimated_cycles(text, micro_batches)
    costs = compiled.cost_analysis()
    costs = costs[0] if isinstance(costs, list) else costs
    parts = memory.argument_size_in_bytes, memory.temp_size_in_bytes, memory.generated_code_size_in_bytes
    return CompiledStep(
        *parts,
        total_bytes=sum(parts) + memory.output_size_in_bytes - memory.alias_size_in_bytes,
        collectives=collectives(text, micro_batches),
        flops=(costs or {}).get("flops"),
        milliseconds=1e3 * cycles / machine.clock if cycles and machine.clock else None,
        compiled_in=time.perf_counter() - started,
    )


@contextmanager
def _telling(say: Callable[[str], None]) -> Iterator[None]:
    """Say every minute that the compiler still works."""
    done = threading.Event()

    def tell() -> None:
        minutes = 0
        while not done.wait(TELL_EVERY):
            minutes += 1
            say(f"still compiling after {minutes} min")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
