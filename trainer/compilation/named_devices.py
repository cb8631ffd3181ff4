"""Understands devices as people write them: "v4-32", "v5litepod-16", "8xH100", "A100-SXM4-80GB", "TPU v3 core"."""

import dataclasses
import re

from beam_jobs.errors import UserError
from trainer.compilation.tpu_slice import GENERATIONS, tpu_slice
from trainer.devices.hardware import DEVICES, Device, find_device

_COUNTED = re.compile(r"(\d{1,5})\s*[x*×]\s*(\S.*)")
_TPU = re.compile(r"(?:tpu[ -]?)?([v\d].*|tpu\d?x.*)")
_SLICE = re.compile(r"[a-z0-9]+(?:-\d+|:[\dx]+)")
_MEMORY = re.compile(r"[ -](\d{2,3}) ?gb\b")


def named_devices(name: str, devices: int = 0) -> tuple[Device, int]:
    """The device that a name means, and how many of them as JAX counts them.

    A slice ("v4-32", "TPU v5e-8", "v5e:2x4") and a counted name ("8xH100") say how many; others mean one. A size in a GPU's
    name ("A100-SXM4-80GB") is its memory.

    Args:
        name: what a user has written for --device.
        devices: how many the user asks for; 0 leaves it to the name.

    Raises:
        UserError: nothing is called so, or `devices` contradicts the name.
    """
    wanted = name.strip().lower()
    counted = _COUNTED.fullmatch(wanted)
    number, wanted = (int(counted[1]), counted[2]) if counted else (0, wanted)
    tpu = _TPU.fullmatch(wanted)
    if tpu and _SLICE.fullmatch(tpu[1]):
        machine = tpu_slice(tpu[1], max(1, number), "--device")
        device, number = machine.device, machine.devices
    else:
        found = _single(wanted, tpu[1] if tpu else "")
        if found is None or (counted and not number):
            known = ", ".join(device.name for device in DEVICES)
            raise UserError(f"--device {name!r} is not known; there are {known}; and slices such as v4-32, and 8xH100")
        device = found
    if devices and number and devices != number:
        raise UserError(
            f"--device {name!r} means {number} devices, and --devices says {devices}; leave out one of them"
        )
    return device, devices or number or 1


def _single(name: str, tpu: str) -> Device | None:
    generation = GENERATIONS.get(tpu)
    found = find_device(generation.device if generation else name) or find_device(f"nvidia {name}")
    size = _MEMORY.search(name)
    if found and size and not found.is_tpu:
        return dataclasses.replace(found, memory=int(size[1]) * 1e9)
    return found
