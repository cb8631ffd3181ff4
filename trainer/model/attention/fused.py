"""Attention in one kernel each way: scores and probabilities stay in the fast memory of the core that computes them.

What goes through memory are queries, keys, values, their mixture, gradients of these and one float32 for each query and
head. The backward pass computes the scores again.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from trainer.model.attention.block_bounds import block_bounds
from trainer.model.attention.gpu_backward import gpu_backward
from trainer.model.attention.gpu_forward import gpu_forward
from trainer.model.attention.layout import Layout
from trainer.model.attention.tile_dropout import as_int32, row_hashes
from trainer.model.attention.tpu_backward import tpu_backward
from trainer.model.attention.tpu_forward import tpu_forward


def fused_attention(
    query: jax.Array,
    keys: jax.Array,
    value: jax.Array,
    query_ids: jax.Array,
    key_ids: jax.Array,
    *,
    heads: int,
    platform: str,
    interpret: bool = False,
    rate: float = 0.0,
    key: jax.Array | None = None,
    rows: jax.Array | None = None,
) -> jax.Array:
    """softmax(Q K^T / sqrt(d)) V with dropout of the probabilities, differentiable in query, keys and value.

    Args:
        query, keys, value: [batch, length, heads * size] each, float32 or bfloat16; the arrays of one device. Where a batch
            lies on several devices, call this inside `jax.shard_map`: the compiler cannot divide a kernel.
        query_ids, key_ids: int32 [batch, length]. A query attends to the keys whose id equals its own, and to none if
            its id is below 1; then its mixture is 0.
        heads: their number.
        platform: whose kernels: "tpu" or "gpu".
        interpret: run the kernels as plain JAX operations, on any device; slowly, for tests.
        rate: of dropout.
        key: uint32 [2], of this use of dropout; None: no dropout.
        rows: uint32 [batch], the place of each instance in the global batch; needed with `key`.

    Returns:
        [batch, length, heads * size] in the dtype of `value`.
    """
    batch, length, hidden = query.shape
    layout = Layout(batch, length, heads, hidden // heads, rate if key is not None else 0.0, platform)
    dropout = (jnp.zeros(2, jnp.uint32), jnp.zeros(batch, jnp.uint32)) if key is None else (key, rows)
    padding = layout.padded_length - length
    if padding:
        query, keys, value = (jnp.pad(x, ((0, 0), (0, padding), (0, 0))) for x in (query, keys, value))
        query_ids, key_ids = (jnp.pad(x, ((0, 0), (0, padding))) for x in (query_ids, key_ids))
    query_ids = jnp.where(query_ids < 1, -1, query_ids)  # so that it differs from every key's
    return _attention(layout, interpret, query, keys, value, query_ids, jnp.maximum(key_ids, 0), *dropout)[:, :length]


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _attention(layout, interpret, query, keys, value, query_ids, key_ids, key, rows):
    return _forward(layout, interpret, query, keys, value, query_ids, key_ids, key, rows)[0]


def _forward(layout, interpret, query, keys, value, query_ids, key_ids, key, rows):
    run = {"tpu": tpu_forward, "gpu": gpu_forward}[layout.platform]
    scalars, ids = _tables(layout, query_ids, key_ids, key, rows)
    mixed, lse = run(scalars, query, keys, value, *ids, layout=layout, interpret=interpret)
    return mixed, (query, keys, value, query_ids, key_ids, key, rows, mixed, lse)


def _backward(layout, interpret, saved, gradient):
    query, keys, value, query_ids, key_ids, key, rows, mixed, lse = saved
    run = {"tpu": tpu_backward, "gpu": gpu_backward}[layout.platform]
    scalars, ids = _tables(layout, query_ids, key_ids, key, rows)
    arrays = (*ids, mixed, lse, gradient)
    gradients = run(scalars, query, keys, value, *arrays, layout=layout, interpret=interpret)
    return (*gradients, *(np.zeros(x.shape, jax.dtypes.float0) for x in (query_ids, key_ids, key, rows)))


_attention.defvjp(_forward, _backward)


def _tables(layout, query_ids, key_ids, key, rows):
    """The scalars that the kernels read, and the ids by block."""
    first, last = block_bounds(query_ids, key_ids, layout.block)
    scalars = (first.reshape(-1), last.reshape(-1), row_hashes(key, rows), as_int32(key[:1]))
    return scalars, tuple(ids.reshape(layout.batch, layout.blocks, layout.block) for ids in (query_ids, key_ids))
