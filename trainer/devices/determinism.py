"""Makes compiled programs repeatable on GPUs, where sums into rows of a table are otherwise added in a random order.

The gradient of a lookup (`embeddings.py`) adds rows into a table. On a TPU and a CPU that happens in a fixed order. On a GPU XLA
uses atomic additions, whose order differs from run to run, and so does the last bit of a float32 sum. The option below makes XLA
sort the rows first. It also keeps XLA from choosing kernels by trial, which might choose others at the next launch.
"""

import os
from collections.abc import Mapping

OPTION = "xla_gpu_deterministic_ops"
_GPU = ("gpu", "cuda", "rocm")


def compiler_options(platform: str, environment: Mapping[str, str] = os.environ) -> dict[str, bool] | None:
    """The options of `jax.jit` for this platform: none where nothing is random, or where XLA_FLAGS names the option."""
    if platform not in _GPU or OPTION in environment.get("XLA_FLAGS", ""):
        return None
    return {OPTION: True}
