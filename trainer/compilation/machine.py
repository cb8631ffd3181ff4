"""The machine that a plan is compiled for: a slice of a TPU, several slices, or GPUs of one node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from trainer.devices.hardware import Device


@dataclass(frozen=True)
class Machine:
    """What the compiler must know of a machine, in the words of `jax.experimental.topologies`."""

    name: str  # as the compiler calls it, such as "v5e:2x4"
    platform: str  # "tpu" or "cuda"
    device: Device
    devices: int  # as JAX counts them, over all slices
    clock: float = 0.0  # Hz, by which the compiler's cycles become seconds; 0: it counts no cycles
    usable_memory: float = 0.0  # bytes of a device that a program may use; 0: only the compiler knows
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        """Devices and name for people: "8 x TPU v5e (v5e:2x4)"."""
        return f"{self.devices} x {self.device.name} ({self.name})"
