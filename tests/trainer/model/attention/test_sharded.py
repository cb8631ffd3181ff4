import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from attention_case import KEY

from trainer.model.attention.kernel import AttentionKernel
from trainer.model.attention.sharded import local_attention


def test_on_one_device_a_mesh_changes_nothing():
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, 16, 128)), jnp.float32)
    arguments = x, x + 1, x - 1, jnp.ones((2, 16), jnp.int32), jnp.ones((2, 16), jnp.int32)
    mesh = jax.sharding.AbstractMesh((1,), ("batch",))
    found, wanted = (
        local_attention(AttentionKernel("gpu", interpret=True, mesh=mesh), 2, 0.2) for mesh in (mesh, None)
    )
    for extra in ((None, None), (KEY, np.array([3, 4], np.uint32))):
        assert np.array_equal(found(*arguments, *extra), wanted(*arguments, *extra))


def test_four_devices_compute_what_one_does():
    flags = "--xla_force_host_platform_device_count=4 --xla_backend_optimization_level=0"
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "KERAS_BACKEND": "jax", "XLA_FLAGS": flags}
    child = str(Path(__file__).with_name("child_of_test_sharded.py"))
    done = subprocess.run([sys.executable, child], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
