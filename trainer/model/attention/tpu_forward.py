"""The forward pass of fused attention as a Mosaic kernel for TPUs.

One program computes some rows of one lane tile of heads: two heads of 64, or one of 128. Scores are kept transposed,
[keys, queries]: what belongs to a query then lies along the lanes, so that maxima, sums and corrections are plain vector
instructions, and the log-sum-exp is stored as it is. A head within a lane tile is taken by zeros in the other lanes, not
by moving it: the matrix unit is as wide as the tile and takes as long for half of it.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.experimental import pallas as pl
from jax.experimental.pallas import tpu as pltpu

from trainer.model.attention.block_loop import over_blocks
from trainer.model.attention.layout import EMPTY, FORBIDDEN, Layout
from trainer.model.attention.tile_dropout import element_hashes, kept

NN = (((1,), (0,)), ((), ()))  # which axes of two matrices are multiplied
NT = (((1,), (1,)), ((), ()))


def tpu_forward(
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
            in_specs=[tile, tile, tile, ids, ids],
            out_specs=[tile, per_query],
            scratch_shapes=hash_scratch(layout),
        ),
        out_shape=[
            jax.ShapeDtypeStruct(query.shape, query.dtype),
            jax.ShapeDtypeStruct((layout.batch, layout.heads, layout.blocks, layout.block), jnp.float32),
        ],
        compiler_params=pltpu.CompilerParams(dimension_semantics=("parallel", "arbitrary")),
        interpret=interpret,
        name="attention_forward",
    )(*scalars, query, keys, value, query_ids, key_ids)


def hash_scratch(layout: Layout) -> list:
    """Room for the hashes of a lane tile's elements, which all rows of the batch share; none without dropout."""
    heads, blocks, block = layout.tpu_lanes // layout.size, layout.blocks, layout.block
    return [pltpu.VMEM((heads * blocks * blocks, block, block), jnp.int32)] if layout.tpu_keeps_hashes else []


def fill_hashes(hashes: Any, first_key: Any, layout: Layout) -> None:
    """Compute the hashes of this program's lane tile, once for all rows of the batch."""
    heads, blocks = layout.tpu_lanes // layout.size, layout.blocks
    first_head = pl.program_id(0) * heads

    @pl.when(pl.program_id(1) == 0)
    def _():
        def fill(tile, _):
            head, rest = lax.div(tile, blocks * blocks), lax.rem(tile, blocks * blocks)
            i, j = lax.div(rest, blocks), lax.rem(rest, blocks)
            hashes[tile] = _hashes(first_key, first_head + head, i, j, layout)

        lax.fori_loop(0, heads * blocks * blocks, fill, None)


def keep_of(hashes: Any, first_key: Any, row_hash: Any, group: Any, head: int, i: Any, j: Any, layout: Layout) -> Any:
    """Which probabilities of a lane tile's head, query block `i` and key block `j` are kept, bool [keys, queries].

    None without dropout.
    """
    if not layout.rate:
        return None
    if hashes is not None:
        element = hashes[(head * layout.blocks + i) * layout.blocks + j]
    else:
        element = _hashes(first_key, group * (layout.tpu_lanes // layout.size) + head, i, j, layout)
    return kept(element, row_hash, layout.rate)


def column(ids: jax.Array) -> jax.Array:
    """Ids [1, block] along the lanes to [block, 1]."""
    return jnp.transpose(jnp.broadcast_to(ids, (8, ids.shape[1])))[:, :1]


def only_head(x: jax.Array, head: int, layout: Layout) -> jax.Array:
    """`x` [positions, lanes] with zeros in the lanes of other heads."""
    if layout.size == layout.tpu_lanes:
        return x
    lane = lax.broadcasted_iota(jnp.int32, (1, layout.tpu_lanes), 1)
    mask = (lane >= head * layout.size) & (lane < (head + 1) * layout.size)
    return jnp.where(mask, x, jnp.zeros((), x.dtype))


def _hashes(first_key: Any, head: Any, i: Any, j: Any, layout: Layout) -> jax.Array:
    block = layout.block
    return element_hashes(first_key, head, i * block, j * block, layout.length, (block, block), query_axis=1)


def _kernel(first, last, row_hash, first_key, query, keys, value, query_ids, key_ids, mixed, lse, *hashes, layout):
    block, size, heads = layout.block, layout.size, layout.tpu_lanes // layout.size
    group, program, hash_tiles = pl.program_id(0), pl.program_id(1), hashes[0] if hashes else None
    if hashes:
        fill_hashes(hash_tiles, first_key[0], layout)

    def one_row(row, _):
        place = program * layout.tpu_rows + row

        def one_query_block(i, _):
            q = query[row, at(i, block), :]
            q_ids = query_ids[row, pl.ds(i, 1), :]
            q_of = [only_head(q, head, layout) for head in range(heads)]

            def one_key_block(j, carried):
                k, v = keys[row, at(j, block), :], value[row, at(j, block), :]
                allowed = column(key_ids[row, pl.ds(j, 1), :]) == q_ids
                v_transposed = jnp.transpose(v)
                after = []
                for head, (high, total, sums) in enumerate(carried):
                    scores = lax.dot_general(k, q_of[head], NT, preferred_element_type=jnp.float32) * layout.scale
                    scores = jnp.where(allowed, scores, FORBIDDEN)
                    higher = jnp.maximum(high, jnp.max(scores, axis=0, keepdims=True))
                    p = jnp.exp(scores - higher)
                    correction = jnp.exp(high - higher)
                    total = total * correction + jnp.sum(p, axis=0, keepdims=True)
                    keep = keep_of(hash_tiles, first_key[0], row_hash[place], group, head, i, j, layout)
                    p = p if keep is None else jnp.where(keep, p, 0.0)
                    v_of = v_transposed[head * size : (head + 1) * size]
                    more = lax.dot_general(v_of, p.astype(v.dtype), NN, preferred_element_type=jnp.float32)
                    after.append((higher, total, sums * correction + more))
                return after

            start = (jnp.full((1, block), EMPTY), jnp.zeros((1, block)), jnp.zeros((size, block)))
            at_bounds = place * layout.blocks + i
            ends = over_blocks(layout.blocks, first[at_bounds], last[at_bounds], one_key_block, [start] * heads)
            parts = []
            for head, (high, total, sums) in enumerate(ends):
                total = jnp.where(total == 0.0, 1.0, total)
                lse[row, head, pl.ds(i, 1), :] = high + jnp.log(total)
                parts.append(sums / (total * (1.0 - layout.rate)))
            mixed[row, at(i, block), :] = jnp.transpose(jnp.concatenate(parts, axis=0)).astype(mixed.dtype)

        over_blocks(layout.blocks, 0, layout.blocks, one_query_block, None)

    lax.fori_loop(0, layout.tpu_rows, one_row, None)


def at(block_number: Any, block: int) -> Any:
    """The positions of a block."""
    return pl.ds(pl.multiple_of(block_number * block, block), block)
