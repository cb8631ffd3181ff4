"""The backward pass of fused attention as two Triton kernels for GPUs, so that no two programs add to one place.

One goes over the keys of a block of queries, the other over the queries of a block of keys. Both compute the scores again.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton as pltriton

from trainer.model.attention.block_bounds import block_bounds
from trainer.model.attention.block_loop import over_blocks
from trainer.model.attention.gpu_forward import gpu_blocks, keep_of
from trainer.model.attention.layout import FORBIDDEN, Layout


def gpu_backward(
    scalars: tuple[jax.Array, ...],
    query: jax.Array,
    keys: jax.Array,
    value: jax.Array,
    query_ids: jax.Array,
    key_ids: jax.Array,
    mixed: jax.Array,
    lse: jax.Array,
    gradient: jax.Array,
    *,
    layout: Layout,
    interpret: bool,
) -> Any:
    """The gradients of query, keys and value [batch, length, hidden], of that of the mixed values."""
    one_block, whole_row, ids, scalar_specs, per_query = gpu_blocks(layout)
    by_head = (layout.batch, layout.blocks, layout.block, layout.heads, layout.size)
    delta = jnp.einsum(
        "bnihd,bnihd->bhni", gradient.reshape(by_head), mixed.reshape(by_head), preferred_element_type=jnp.float32
    )
    all_queries = pl.BlockSpec((None, None, layout.blocks, layout.block), lambda i, head, row: (row, head, 0, 0))
    call = functools.partial(
        pl.pallas_call,
        grid=(layout.blocks, layout.heads, layout.batch),
        compiler_params=pltriton.CompilerParams(num_warps=4, num_stages=2),
        interpret=interpret,
    )
    shape = jax.ShapeDtypeStruct(query.shape, query.dtype)
    of_query = call(
        functools.partial(_query_kernel, layout=layout),
        in_specs=[*scalar_specs, one_block, whole_row, whole_row, ids, ids, per_query, per_query, one_block],
        out_specs=one_block,
        out_shape=shape,
        name="attention_backward_queries",
    )(*scalars, query, keys, value, query_ids, key_ids, lse, delta, gradient)
    flat = (layout.batch, layout.padded_length)
    first, last = block_bounds(key_ids.reshape(flat), query_ids.reshape(flat), layout.block)
    of_keys, of_value = call(
        functools.partial(_key_kernel, layout=layout),
        in_specs=[*scalar_specs, whole_row, one_block, one_block, ids, ids, all_queries, all_queries, whole_row],
        out_specs=[one_block, one_block],
        out_shape=[shape, shape],
        name="attention_backward_keys",
    )(first.reshape(-1), last.reshape(-1), *scalars[2:], query, keys, value, query_ids, key_ids, lse, delta, gradient)
    return of_query, of_keys, of_value


def _query_kernel(
    first, last, row_hash, first_key, query, keys, value, query_ids, key_ids, lse, delta, gradient, out, *, layout
):
    block, i, head = layout.block, pl.program_id(0), pl.program_id(1)
    q, q_ids, of_mixed, lse_of, delta_of = query[...], query_ids[i, :], gradient[...], lse[...], delta[...]

    def one_key_block(j, sums):
        k, v = keys[pl.ds(j * block, block), :], value[pl.ds(j * block, block), :]
        allowed = q_ids[:, None] == key_ids[j, :][None, :]
        scores = jnp.where(allowed, pl.dot(q, k, trans_b=True) * layout.scale, FORBIDDEN)
        p = jnp.exp(scores - lse_of[:, None])
        of_p = pl.dot(of_mixed, v, trans_b=True)
        keep = keep_of(row_hash, first_key, head, i, j, layout)
        of_p = of_p if keep is None else jnp.where(keep, of_p * (1.0 / (1.0 - layout.rate)), 0.0)
        of_scores = p * (of_p - delta_of[:, None]) * layout.scale
        return sums + pl.dot(of_scores.astype(k.dtype), k)

    sums = over_blocks(layout.blocks, first[i], last[i], one_key_block, jnp.zeros((block, layout.size)))
    out[...] = sums.astype(out.dtype)


def _key_kernel(
    first, last, row_hash, first_key, query, keys, value, query_ids, key_ids, lse, delta, gradient,
    key_gradient, value_gradient, *, layout,
):  # fmt: skip
    block, j, head = layout.block, pl.program_id(0), pl.program_id(1)
    k, v, k_ids = keys[...], value[...], key_ids[j, :]

    def one_query_block(i, carried):
        of_keys, of_value = carried
        q, of_mixed = query[pl.ds(i * block, block), :], gradient[pl.ds(i * block, block), :]
        allowed = k_ids[:, None] == query_ids[i, :][None, :]
        scores = jnp.where(allowed, pl.dot(k, q, trans_b=True) * layout.scale, FORBIDDEN)
        p = jnp.exp(scores - lse[i, :][None, :])
        of_p = pl.dot(v, of_mixed, trans_b=True)
        keep, dropped = keep_of(row_hash, first_key, head, i, j, layout, query_axis=1), p
        if keep is not None:
            scale = 1.0 / (1.0 - layout.rate)
            dropped, of_p = jnp.where(keep, p * scale, 0.0), jnp.where(keep, of_p * scale, 0.0)
        of_scores = p * (of_p - delta[i, :][None, :]) * layout.scale
        of_keys += pl.dot(of_scores.astype(q.dtype), q)
        return of_keys, of_value + pl.dot(dropped.astype(of_mixed.dtype), of_mixed)

    nothing = jnp.zeros((block, layout.size))
    of_keys, of_value = over_blocks(layout.blocks, first[j], last[j], one_query_block, (nothing, nothing))
    key_gradient[...], value_gradient[...] = of_keys.astype(key_gradient.dtype), of_value.astype(value_gradient.dtype)
