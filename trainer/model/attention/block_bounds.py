"""Which blocks of keys a block of queries needs: the rest is masked whole and never computed."""

import jax
import jax.numpy as jnp


def block_bounds(ids: jax.Array, other_ids: jax.Array, block: int) -> tuple[jax.Array, jax.Array]:
    """The first block of `other_ids` that each block of `ids` needs and the one after the last, int32 [batch, blocks] each.

    A position may attend to another if their ids (int32 [batch, length], whole blocks) are equal. Ids of one block count
    as all numbers from its lowest to its highest: for documents that follow each other this is exact, otherwise a block
    too many is computed, never one too few. Ids below 1 are equal to none.
    """
    low, high = _range(ids, block)
    other_low, other_high = _range(other_ids, block)
    needed = (low[:, :, None] <= other_high[:, None, :]) & (other_low[:, None, :] <= high[:, :, None])
    count = needed.shape[2]
    first = jnp.argmax(needed, axis=2).astype(jnp.int32)
    last = count - jnp.argmax(needed[:, :, ::-1], axis=2).astype(jnp.int32)
    return first, jnp.where(needed.any(axis=2), last, first)


def _range(ids: jax.Array, block: int) -> tuple[jax.Array, jax.Array]:
    """The lowest and highest id of each block. Without any they are so far apart that they meet none."""
    blocks = ids.reshape(ids.shape[0], -1, block)
    there = blocks > 0
    limit = jnp.iinfo(jnp.int32).max
    return jnp.where(there, blocks, limit).min(axis=2), jnp.where(there, blocks, -limit).max(axis=2)
