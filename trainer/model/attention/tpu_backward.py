"""The backward pass of fused attention as a Mosaic kernel for TPUs: all three gradients in one pass over the scores.

The scores are computed again from queries and keys, and the probabilities from them and the stored log-sum-exp.
Everything is laid out as in `tpu_forward`.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.experimental import pallas as pl
from jax.experimental.pallas import tpu as pltpu

from trainer.model.attention.block_loop import over_blocks
from trainer.model.attention.layout import FORBIDDEN, Layout
from trainer.model.attention.tpu_forward import NN, NT, at, column, fill_hashes, hash_scratch, keep_of, only_head


def tpu_backward(
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
    rows, width, length = layout.tpu_rows, layout.tpu_lanes, layout.padded_length
    tile = pl.BlockSpec((rows, length, width), lambda group, row, *_: (row, 0, group))
    ids = pl.BlockSpec((rows, layout.blocks, layout.block), lambda group, row, *_: (row, 0, 0))
    per_query = pl.BlockSpec(
        (rows, width // layout.size, layout.blocks, layout.block), lambda group, row, *_: (row, group, 0, 0)
    )
    return pl.pallas_call(
        functools.partial(_kernel, layout=layout),
        grid_spec=pltpu.PrefetchScalarGridSpec(
            num_scalar_prefetch=len(scalars),
            grid=(layout.hidden // width, layout.batch // rows),
            in_specs=[tile, tile, tile, ids, ids, tile, per_query, tile],
            out_specs=[tile, tile, tile],
            scratch_shapes=[pltpu.VMEM((length, width), jnp.float32)] * 2 + hash_scratch(layout),
        ),
        out_shape=[jax.ShapeDtypeStruct(query.shape, query.dtype)] * 3,
        compiler_params=pltpu.CompilerParams(dimension_semantics=("parallel", "arbitrary")),
        interpret=interpret,
        name="attention_backward",
    )(*scalars, query, keys, value, query_ids, key_ids, mixed, lse, gradient)


def _kernel(
    first, last, row_hash, first_key, query, keys, value, query_ids, key_ids, mixed, lse, gradient,
    query_gradient, key_gradient, value_gradient, key_sums, value_sums, *hashes, layout,
):  # fmt: skip
    block, size, heads = layout.block, layout.size, layout.tpu_lanes // layout.size
    group, program, hash_tiles = pl.program_id(0), pl.program_id(1), hashes[0] if hashes else None
    if hashes:
        fill_hashes(hash_tiles, first_key[0], layout)

    def one_row(row, _):
        place = program * layout.tpu_rows + row
        key_sums[...] = jnp.zeros(key_sums.shape, jnp.float32)
        value_sums[...] = jnp.zeros(value_sums.shape, jnp.float32)

        def one_query_block(i, _):
            q, out = query[row, at(i, block), :], gradient[row, at(i, block), :]
            q_ids = query_ids[row, pl.ds(i, 1), :]
            q_of = [only_head(q, head, layout) for head in range(heads)]
            out_of = [only_head(out, head, layout) for head in range(heads)]
            product = out.astype(jnp.float32) * mixed[row, at(i, block), :].astype(jnp.float32)
            product = jnp.transpose(product)
            delta = [jnp.sum(product[head * size : (head + 1) * size], axis=0, keepdims=True) for head in range(heads)]

            def one_key_block(j, carried):
                k, v = keys[row, at(j, block), :], value[row, at(j, block), :]
                allowed = column(key_ids[row, pl.ds(j, 1), :]) == q_ids
                k_transposed = jnp.transpose(k)
                key_sum, value_sum, after = key_sums[at(j, block), :], value_sums[at(j, block), :], []
                for head, query_sum in enumerate(carried):
                    scores = lax.dot_general(k, q_of[head], NT, preferred_element_type=jnp.float32) * layout.scale
                    scores = jnp.where(allowed, scores, FORBIDDEN)
                    p = jnp.exp(scores - lse[row, head, pl.ds(i, 1), :])
                    of_p = lax.dot_general(v, out_of[head], NT, preferred_element_type=jnp.float32)
                    dropped = p
                    keep = keep_of(hash_tiles, first_key[0], row_hash[place], group, head, i, j, layout)
                    if keep is not None:
                        scale = 1.0 / (1.0 - layout.rate)
                        dropped, of_p = jnp.where(keep, p * scale, 0.0), jnp.where(keep, of_p * scale, 0.0)
                    of_scores = (p * (of_p - delta[head]) * layout.scale).astype(q.dtype)
                    value_sum += lax.dot_general(
                        dropped.astype(out.dtype), out_of[head], NN, preferred_element_type=jnp.float32
                    )
                    key_sum += lax.dot_general(of_scores, q_of[head], NN, preferred_element_type=jnp.float32)
                    k_of = k_transposed[head * size : (head + 1) * size]
                    more = lax.dot_general(k_of, of_scores, NN, preferred_element_type=jnp.float32)
                    after.append(query_sum + more)
                key_sums[at(j, block), :], value_sums[at(j, block), :] = key_sum, value_sum
                return after

            at_bounds = place * layout.blocks + i
            nothing = [jnp.zeros((size, block), jnp.float32)] * heads
            parts = over_blocks(layout.blocks, first[at_bounds], last[at_bounds], one_key_block, nothing)
            of_query = jnp.transpose(jnp.concatenate(parts, axis=0))
            query_gradient[row, at(i, block), :] = of_query.astype(query_gradient.dtype)

        over_blocks(layout.blocks, 0, layout.blocks, one_query_block, None)
        key_gradient[row] = key_sums[...].astype(key_gradient.dtype)
        value_gradient[row] = value_sums[...].astype(value_gradient.dtype)

    lax.fori_loop(0, layout.tpu_rows, one_row, None)
