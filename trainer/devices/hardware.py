"""Peak speeds of accelerators, for MFU and for estimates: dense bf16 FLOP/s and memory as their makers publish them."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """One device as JAX counts it: a core of a TPU v2, v3 or TPU7x, a chip of other TPUs, a GPU."""

    name: str
    kinds: tuple[
        str, ...
    ]  # lower-case beginnings of the name that JAX (device_kind) or the driver gives, in whole words; the longest match wins
    flops: float  # bf16 FLOP/s, dense
    memory: float  # bytes

    @property
    def is_tpu(self) -> bool:
        """Whether it is a TPU; the others here are GPUs."""
        return self.name.startswith("TPU")


DEVICES = (
    Device("TPU v2 core", ("tpu v2",), 22.5e12, 8e9),
    Device("TPU v3 core", ("tpu v3",), 61.5e12, 16e9),
    Device("TPU v4", ("tpu v4",), 275e12, 32e9),
    Device("TPU v5e", ("tpu v5 lite", "tpu v5e"), 197e12, 16e9),
    Device("TPU v5p", ("tpu v5p", "tpu v5"), 459e12, 95e9),
    Device("TPU v6e", ("tpu v6 lite", "tpu v6e"), 918e12, 32e9),
    Device("TPU7x", ("tpu7x", "tpu v7x", "tpu 7x"), 1153.5e12, 96e9),  # one of the two devices of a chip
    Device("V100", ("nvidia v100", "tesla v100"), 125e12, 16e9),  # fp16, as it has no bf16 units
    Device("T4", ("nvidia t4", "tesla t4"), 65e12, 16e9),  # fp16; it has no bf16 units
    Device("L4", ("nvidia l4",), 121e12, 24e9),
    Device("A10", ("nvidia a10",), 125e12, 24e9),
    Device("A100", ("nvidia a100",), 312e12, 40e9),
    Device("H100", ("nvidia h100",), 989e12, 80e9),
    Device("H100 PCIe", ("nvidia h100 pcie",), 756e12, 80e9),
    Device("H200", ("nvidia h200",), 989e12, 141e9),
    Device("B200", ("nvidia b200",), 2250e12, 180e9),
    Device("RTX 3090", ("nvidia geforce rtx 3090",), 71e12, 24e9),
    Device("RTX 4090", ("nvidia geforce rtx 4090",), 165e12, 24e9),
)


def find_device(kind: str) -> Device | None:
    """The device that a driver's name or a name in the table means; None for a CPU or an unknown device.

    No device is taken for another whose name only begins alike: an L40S is no L4.
    """
    wanted = kind.lower().strip()
    for device in DEVICES:
        if wanted == device.name.lower():
            return device
    matches = [(len(start), device) for device in DEVICES for start in device.kinds if _begins(wanted, start)]
    return max(matches, key=lambda match: match[0])[1] if matches else None


def _begins(name: str, start: str) -> bool:
    return re.match(rf"{re.escape(start)}(?![a-z0-9])", name) is not None


def platform_of(kind: str) -> str:
    """What JAX calls the platform of a device that is known here, "tpu" or "gpu"; empty for a CPU or an unknown device."""
    device = find_device(kind)
    return "" if device is None else "tpu" if device.is_tpu else "gpu"


def peak_flops(kind: str) -> float | None:
    """Peak bf16 FLOP/s of one device by its name; None if it is not known."""
    device = find_device(kind)
    return device.flops if device else None
