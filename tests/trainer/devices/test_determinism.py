import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.devices.determinism import compiler_options

ROOT = Path(__file__).parents[3]
LOOKUP = """
import jax, numpy as np
from trainer.compilation.compile_step import devices_of
from trainer.compilation.gpu_node import gpu_node
from trainer.devices.runtime import JaxRuntime

runtime = JaxRuntime(devices_of(gpu_node("H100")))
step = runtime.compile_step(lambda state, ids: jax.grad(lambda table: (table[ids] ** 2).sum())(state))
shapes = [jax.ShapeDtypeStruct(*shape, sharding=runtime.everywhere) for shape in (((50, 8), np.float32), ((64,), np.int32))]
text = step.trace(*shapes).lower(lowering_platforms=("cuda",)).compile().as_text()
scatters = [line for line in text.splitlines() if " scatter(" in line]
print(len(scatters), sum("unique_indices=true" in line for line in scatters))
"""


@pytest.mark.parametrize(
    ("platform", "flags", "options"),
    [
        ("cpu", "", None),
        ("tpu", "", None),
        ("gpu", "", {"xla_gpu_deterministic_ops": True}),
        ("cuda", "--xla_gpu_autotune_level=0", {"xla_gpu_deterministic_ops": True}),
        ("gpu", "--xla_gpu_deterministic_ops=false", None),  # the user decides
    ],
)
def test_gpus_add_in_a_fixed_order_unless_the_user_says_otherwise(platform, flags, options):
    assert compiler_options(platform, {"XLA_FLAGS": flags}) == options


@pytest.mark.skipif(
    importlib.util.find_spec("jax_plugins") is None or importlib.util.find_spec("jax_plugins.xla_cuda13") is None,
    reason='the CUDA plug-in is not installed: pip install -c requirements.lock -e ".[trainer,cuda]"',
)
@pytest.mark.parametrize(("flags", "repeatable"), [("", True), ("--xla_gpu_deterministic_ops=false", False)])
def test_what_the_compiler_emits_for_an_h100_adds_no_two_rows_at_once(flags, repeatable):
    """The gradient of a lookup: rows are sorted and summed first, so no two of those that are left have one index."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", LOOKUP],
        env={**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    scatters, unique = map(int, done.stdout.split())
    assert scatters >= 1
    assert (unique == scatters) == repeatable
