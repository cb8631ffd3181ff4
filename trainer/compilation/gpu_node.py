"""Describes the GPUs of one node to the compiler, as XLA's own descriptions of devices do, so that no GPU is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from beam_jobs.errors import UserError
from trainer.compilation.machine import Machine
from trainer.devices.gpu_memory import usable_share
from trainer.devices.hardware import find_device

_COMMON = {
    "threads_per_block_limit": 1024,
    "threads_per_warp": 32,
    "shared_memory_per_block": 48 * 1024,
    "block_dim_limit_x": 2**31 - 1,
    "block_dim_limit_y": 2**16 - 1,
    "block_dim_limit_z": 2**16 - 1,
    "registers_per_core_limit": 2**16,
    "registers_per_block_limit": 2**16,
}


@dataclass(frozen=True)
class Gpu:
    """The figures of a GPU that decide how programs are compiled, as its maker publishes them."""

    name: str  # as its driver says it
    capability: tuple[int, int]
    cores: int  # streaming multiprocessors
    lanes: int  # float32 units of a core
    threads: int  # of a core at once
    shared_kb: int  # shared memory of a core; a block can have 1 KB less
    bandwidth: float  # bytes/s
    cache: int  # bytes of the second level
    clock: float  # GHz
    memory: int  # bytes

    def target_config(self) -> str:
        """A `GpuTargetConfigProto` in text form."""
        figures = {
            **_COMMON,
            "shared_memory_per_core": self.shared_kb * 1024,
            "shared_memory_per_block_optin": (self.shared_kb - 1) * 1024,
            "threads_per_core_limit": self.threads,
            "core_count": self.cores,
            "fpus_per_core": self.lanes,
            "memory_bandwidth": int(self.bandwidth),
            "l2_cache_size": self.cache,
            "clock_rate_ghz": self.clock,
            "device_memory_size": self.memory,
        }
        major, minor = self.capability
        lines = [f"  {name}: {value}" for name, value in figures.items()]
        lines += [f"  cuda_compute_capability {{ major: {major} minor: {minor} }}"]
        head = 'platform_name: "CUDA"\ndnn_version_info { major: 9 minor: 10 patch: 0 }\n'
        return f'gpu_device_info {{\n{chr(10).join(lines)}\n}}\n{head}device_description_str: "{self.name}"\n'


GPUS: Mapping[str, Gpu] = {
    "A100": Gpu("NVIDIA A100-SXM4-40GB", (8, 0), 108, 64, 2048, 164, 1.555e12, 40 * 2**20, 1.41, 42_505_273_344),
    "H100": Gpu("NVIDIA H100 80GB HBM3", (9, 0), 132, 128, 2048, 228, 3.352e12, 50 * 2**20, 1.98, 84_942_979_072),
    "H200": Gpu("NVIDIA H200", (9, 0), 132, 128, 2048, 228, 4.8e12, 50 * 2**20, 1.98, 150_754_820_096),
    "L4": Gpu("NVIDIA L4", (8, 9), 58, 128, 1536, 100, 3.0e11, 48 * 2**20, 2.04, 23_580_639_232),
}
"""By the names of hardware.py."""


def gpu_node(name: str, devices: int = 1) -> Machine:
    """The machine of so many GPUs of one kind. Raises UserError for a GPU that is not described here."""
    device = find_device(name)
    gpu = GPUS.get(device.name) if device else None
    if device is None or gpu is None:
        raise UserError(
            f"--device {name!r} cannot be compiled for; there are {', '.join(GPUS)}, and TPUs with --topology v5e-8"
        )
    if devices < 1:
        raise UserError(f"--devices {devices} must be at least 1")
    options = {"topology_name": device.name.lower(), "topology": f"1x1x{devices}", "target_config": gpu.target_config()}
    return Machine(
        name=f"compute capability {gpu.capability[0]}.{gpu.capability[1]}",
        platform="cuda",
        device=device,
        devices=devices,
        usable_memory=usable_share() * gpu.memory,
        options=MappingProxyType(options),
    )
