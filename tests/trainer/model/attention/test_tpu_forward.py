"""Values are compared in test_fused.py; here, what the forward pass keeps for the backward pass."""

import jax.numpy as jnp
import numpy as np

from trainer.model.attention.layout import Layout
from trainer.model.attention.tpu_forward import tpu_forward


def log_sum_exp(forward, platform):
    """Asserts that the kernel keeps log(sum(exp(score))) of each query, float32 [batch, heads, blocks, block]."""
    layout = Layout(2, 16, 2, 64, 0.0, platform)
    draws = np.random.default_rng(1).standard_normal((3, 2, 16, 128)).astype(np.float32)
    ids = jnp.ones((2, 1, 16), jnp.int32)
    zeros, ones = jnp.zeros(2, jnp.int32), jnp.ones(2, jnp.int32)
    scalars = (zeros, ones, zeros, zeros[:1])
    _, found = forward(scalars, *map(jnp.asarray, draws), ids, ids, layout=layout, interpret=True)
    query, keys = (x.reshape(2, 16, 2, 64) for x in draws[:2])
    wanted = np.log(np.exp(np.einsum("bqnd,bknd->bnqk", query, keys) / 8).sum(axis=-1))
    assert found.shape == (2, 2, 1, 16)
    np.testing.assert_allclose(np.asarray(found)[:, :, 0], wanted, rtol=1e-5)


def test_the_log_sum_exp_of_each_query():
    log_sum_exp(tpu_forward, "tpu")
