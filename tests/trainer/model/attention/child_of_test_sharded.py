"""Fused attention of a batch that lies on four virtual devices; run by test_sharded.py.

Exits with an error unless all ways of calling it give the same values and gradients.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4]))

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from trainer.model.attention.kernel import AttentionKernel
from trainer.model.attention.sharded import local_attention

MESH = jax.make_mesh((4,), ("batch",))
ROWS = PartitionSpec("batch")


def main():
    """Compare one device, `jax.jit` over a batch that is sharded, and `jax.shard_map`."""
    draws = np.random.default_rng(0).standard_normal((4, 8, 16, 64)).astype(np.float32)
    ids = np.ones((8, 16), np.int32)
    arrays = [*draws, ids, np.arange(8, dtype=np.uint32)]

    def run(kernel):
        def step(query, keys, value, gradient, ids, rows):
            key = jnp.array([1, 2], jnp.uint32)
            attention = local_attention(kernel, 2, 0.2)
            mixed, pull = jax.vjp(lambda *x: attention(*x, ids, ids, key, rows), query, keys, value)
            return mixed, *pull(gradient)

        return step

    wanted = jax.jit(run(AttentionKernel("gpu", interpret=True)))(*arrays)
    kernel = AttentionKernel("gpu", interpret=True, mesh=MESH)
    placed = [jax.device_put(x, NamedSharding(MESH, ROWS)) for x in arrays]
    divided = jax.jit(run(kernel)).lower(*placed).compile()
    assert "all-gather" not in divided.as_text()
    mapped = jax.jit(jax.shard_map(run(kernel), mesh=MESH, in_specs=ROWS, out_specs=ROWS, check_vma=False))
    for found in (divided(*placed), mapped(*placed)):
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


if __name__ == "__main__":
    main()
