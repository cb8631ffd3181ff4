"""The forward pass of fused attention as a Triton kernel for GPUs: a program for each row, head and block of queries."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton as pltriton

from trainer.model.attention.block_loop import over_blocks
from trainer.model.attention.layout import EMPTY, FORBIDDEN, Layout
from trainer.model.attention.tile_dropout import element_hashes, kept


def gpu_forward(
    scalars: tuple[jax.Array, ...],
    query: jax.Array,
    keys: jax.Array,
    value: jax.Array,
    query_ids: jax.Array,
    key_ids: jax.Array,
    *,
    layout: Layout,
    interpret: bool,
) -> Any:
    """Mixed values [batch, length, hidden] and log-sum-exp float32 [batch, heads, blocks, block]; see `fused`."""
    one_block, whole_row, ids, scalar_specs, per_query = gpu_blocks(layout)
    return pl.pallas_call(
        functools.partial(_kernel, layout=layout),
        grid=(layout.blocks, layout.heads, layout.batch),
        in_specs=[*scalar_specs, one_block, whole_row, whole_row, ids, ids],
        out_specs=[one_block, per_query],
        out_shape=[
            jax.ShapeDtypeStruct(query.shape, query.dtype),
            jax.ShapeDtypeStruct((layout.batch, layout.heads, layout.blocks, layout.block), jnp.float32),
        ],
        compiler_params=pltriton.CompilerParams(num_warps=4, num_stages=2),
        interpret=interpret,
        name="attention_forward",
    )(*scalars, query, keys, value, query_ids, key_ids)


def gpu_blocks(layout: Layout) -> tuple[Any, ...]:
    """What a program sees: one block of a head, a head's whole row, the row's ids, the scalars, a head's float32s."""
    one_block = pl.BlockSpec((None, layout.block, layout.size), lambda i, head, row: (row, i, head))
    whole_row = pl.BlockSpec((None, layout.padded_length, layout.size), lambda i, head, row: (row, 0, head))
    ids = pl.BlockSpec((None, layout.blocks, layout.block), lambda i, head, row: (row, 0, 0))
    bounds = pl.BlockSpec((layout.blocks,), lambda i, head, row: (row,))
    scalar_specs = [
        bounds,
        bounds,
        pl.BlockSpec((1,), lambda i, head, row: (row,)),
        pl.BlockSpec((1,), lambda *_: (0,)),
    ]
    per_query = pl.BlockSpec((None, None, None, layout.block), lambda i, head, row: (row, head, i, 0))
    return one_block, whole_row, ids, scalar_specs, per_query


def keep_of(row_hash: Any, first_key: Any, head: Any, i: Any, j: Any, layout: Layout, query_axis: int = 0) -> Any:
    """Which probabilities of a head's query block `i` and key block `j` are kept, bool; None without dropout."""
    if not layout.rate:
        return None
    block = layout.block
    element = element_hashes(first_key[0], head, i * block, j * block, layout.length, (block, block), query_axis)
    return kept(element, row_hash[0], layout.rate)


def _kernel(first, last, row_hash, first_key, query, keys, value, query_ids, key_ids, mixed, lse, *, layout):
    block, i, head = layout.block, pl.program_id(0), pl.program_id(1)
    q, q_ids = query[...], query_ids[i, :]

    def one_key_block(j, carried):
        high, total, sums = carried
        k, v = keys[pl.ds(j * block, block), :], value[pl.ds(j * block, block), :]
        allowed = q_ids[:, None] == key_ids[j, :][None, :]
        scores = jnp.where(allowed, pl.dot(q, k, trans_b=True) * layout.scale, FORBIDDEN)
        higher = jnp.maximum(high, jnp.max(scores, axis=1))
        p = jnp.exp(scores - higher[:, None])
        correction = jnp.exp(high - higher)
        total = total * correction + jnp.sum(p, axis=1)
        keep = keep_of(row_hash, first_key, head, i, j, layout)
        p = p if keep is None else jnp.where(keep, p, 0.0)
        return higher, total, sums * correction[:, None] + pl.dot(p.astype(v.dtype), v)

    start = (jnp.full((block,), EMPTY), jnp.zeros((block,)), jnp.zeros((block, layout.size)))
    high, total, sums = over_blocks(layout.blocks, first[i], last[i], one_key_block, start)
    total = jnp.where(total == 0.0, 1.0, total)
    lse[...] = high + jnp.log(total)
    mixed[...] = (sums / (total * (1.0 - layout.rate))[:, None]).astype(mixed.dtype)
