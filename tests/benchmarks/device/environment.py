"""What machine this is: versions, the device, what share of its memory JAX takes, the speed of a product and of a copy."""

import argparse
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = (
    "jax jaxlib jax-cuda13-plugin jax-cuda12-plugin libtpu keras numpy numba orbax-checkpoint safetensors isal tensorboard "
    "torch transformers triton tensorflow apache-beam"
)
REPEATS = 20


def main() -> None:
    """Print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=8192, help="of the square bf16 matrices of a product")
    parser.add_argument("--gigabytes", type=float, default=4, help="of the array that is copied")
    options = parser.parse_args()
    import jax
    import jax.numpy as jnp

    device = jax.devices()[0]
    found: dict[str, Any] = {
        "device": device.device_kind,
        "devices": jax.device_count(),
        "memory_limit_gb": round((device.memory_stats() or {}).get("bytes_limit", 0) / 1e9, 2),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
    }
    matrix = jax.random.normal(jax.random.key(0), (options.width, options.width), jnp.bfloat16)
    seconds = _seconds(jax.jit(lambda a: a @ a), matrix)
    found["bf16_product_tflops"] = round(2 * options.width**3 / seconds / 1e12, 1)
    array = jnp.ones((int(options.gigabytes * 1e9) // 4,), jnp.float32)
    seconds = _seconds(jax.jit(lambda a: a + 1), array)
    found["copy_tb_per_s"] = round(2 * array.nbytes / seconds / 1e12, 2)  # read and written
    found |= {name: _version(name) for name in PACKAGES.split()}
    found["nvidia_smi"] = _nvidia_smi()
    print(json.dumps(found))


def _seconds(function: Callable[[Any], Any], argument: Any) -> float:
    """The time of a call, when many are under way."""
    function(argument).block_until_ready()
    began = time.perf_counter()
    for _ in range(REPEATS):
        result = function(argument)
    result.block_until_ready()
    return (time.perf_counter() - began) / REPEATS


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _nvidia_smi() -> str:
    query = "--query-gpu=name,memory.total,driver_version,clocks.sm,power.limit"
    try:
        done = subprocess.run(
            ["nvidia-smi", query, "--format=csv,noheader"], check=False, capture_output=True, text=True
        )
    except OSError:
        return "absent"
    return done.stdout.strip()


if __name__ == "__main__":
    main()
