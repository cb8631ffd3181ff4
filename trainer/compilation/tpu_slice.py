"""Translates the names of TPU slices that people write, such as v5e-8 or v4-32, into what the compiler is asked for.

The number in a name counts TensorCores for v2, v3, v4, v5p and tpu7x, which have two of them on a chip, and chips for v5e and
v6e, which have one. JAX counts a TensorCore as a device on v2, v3 and tpu7x; on the others it counts a chip, because the two
cores of a v4 or v5p chip work as one ("megacore").
"""

import math
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from beam_jobs.errors import UserError
from trainer.compilation.machine import Machine
from trainer.devices.hardware import find_device


@dataclass(frozen=True)
class Generation:
    """A generation of TPUs."""

    device: str  # its name in hardware.py
    axes: int  # of the torus that its chips form
    cores: int  # TensorCores of a chip that its name counts
    devices: int  # of a chip, as JAX counts them
    clock: float  # Hz: the published peak divided by the FLOPs that its matrix units do in a cycle
    host: int  # most chips of a slice that one host holds


GENERATIONS = {
    "v2": Generation("TPU v2 core", 2, 2, 2, 0.7e9, 4),
    "v3": Generation("TPU v3 core", 2, 2, 2, 0.94e9, 4),
    "v4": Generation("TPU v4", 3, 2, 1, 1.05e9, 4),
    "v5e": Generation("TPU v5e", 2, 1, 1, 1.5e9, 8),
    "v5p": Generation("TPU v5p", 3, 2, 1, 1.75e9, 4),
    "v6e": Generation("TPU v6e", 2, 1, 1, 1.75e9, 8),
    "tpu7x": Generation("TPU7x", 3, 2, 2, 2.2e9, 4),
}
_ALIASES = {"v5litepod": "v5e", "v5lite": "v5e", "v6litepod": "v6e", "v6lite": "v6e", "v7x": "tpu7x", "7x": "tpu7x"}
_NAME = re.compile(r"([a-z0-9]+?)(?:-(\d{1,6})|:(\d{1,4}(?:x\d{1,4}){1,2}))")


def tpu_slice(name: str, slices: int = 1, option: str = "--topology") -> Machine:
    """The machine of `slices` equal slices, each named as by Cloud TPU (v5e-8) or by its chips (v5e:2x4).

    Raises UserError, which names `option`, for what no TPU is called.
    """
    match = _NAME.fullmatch(name.strip().lower())
    generation_name = _ALIASES.get(match[1], match[1]) if match else ""
    generation = GENERATIONS.get(generation_name)
    if match is None or generation is None:
        raise UserError(
            f"{option} {name!r} is no TPU slice; write it like v5e-8, v4-32 or v5e:2x4, of {', '.join(GENERATIONS)}"
        )
    if slices < 1:
        raise UserError(f"--slices {slices} must be at least 1")
    if match[2]:
        shape = _shape_of(name, generation, int(match[2]), option)
    else:
        shape = tuple(int(size) for size in match[3].split("x"))
        if len(shape) != generation.axes or 0 in shape:
            like = "2x4" if generation.axes == 2 else "2x2x4"
            raise UserError(
                f"{option} {name!r}: the chips of {generation_name} are counted in {generation.axes} axes, like {like}"
            )
    chips = math.prod(shape)
    device = find_device(generation.device)
    assert device is not None
    return Machine(
        name=f"{generation_name}:{'x'.join(map(str, shape))}" + (f" x {slices} slices" if slices > 1 else ""),
        platform="tpu",
        device=device,
        devices=slices * chips * generation.devices,
        clock=generation.clock,
        options=MappingProxyType(_options(generation_name, generation, shape, slices)),
    )


def _shape_of(name: str, generation: Generation, counted: int, option: str) -> tuple[int, ...]:
    """The usual shape of a slice whose name counts so many cores or chips."""
    chips, rest = divmod(counted, generation.cores)
    power = chips.bit_length() - 1
    if rest or chips < 1 or chips != 2**power:
        unit = "chips" if generation.cores == 1 else "cores, two to a chip"
        example = "2x4" if generation.axes == 2 else "2x2x3"
        raise UserError(
            f"{option} {name!r}: no slice of the usual sizes has {counted} {unit}; name its chips, such as "
            f"{name.split('-')[0]}:{example}"
        )
    if generation.axes == 3 and chips == 4:
        return 2, 2, 1
    low, more = divmod(power, generation.axes)
    return tuple(2 ** (low + (axis >= generation.axes - more)) for axis in range(generation.axes))


def _options(name: str, generation: Generation, shape: tuple[int, ...], slices: int) -> dict[str, Any]:
    """The arguments of `get_topology_desc`: its name, and what it would assume wrongly."""
    options: dict[str, Any] = {"topology_name": f"{name}:{'x'.join(map(str, shape))}"}
    chips = math.prod(shape)
    if chips <= generation.host and (generation.host > 4 or chips < 4):
        options["chips_per_host_bounds"] = (*shape, 1)[:3]  # one host; libtpu assumes several of 2 x 2 chips
    if name == "v4":
        options["chip_config_name"] = "megacore"  # otherwise each core is a device
    if slices > 1:
        options["num_slices"] = slices
    return options
