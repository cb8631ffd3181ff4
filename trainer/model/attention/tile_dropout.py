"""The masks of `trainer.model.dropout`, drawn inside a kernel for one tile of attention probabilities.

All arithmetic is int32: it wraps as uint32 does, and Mosaic and Triton both have it.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax


def row_hashes(key: jax.Array, rows: jax.Array) -> jax.Array:
    """The half of the hash that depends on the instance: int32 [rows], of `key` uint32 [2] and `rows` uint32 [rows]."""
    return mixed(as_int32(rows.astype(jnp.uint32) ^ key[1]))


def element_hashes(
    first_key: Any,
    head: Any,
    first_query: Any,
    first_key_position: Any,
    length: int,
    shape: tuple[int, int],
    query_axis: int,
) -> jax.Array:
    """The half of the hash that depends on the element, int32 [shape], of a tile of one head's probabilities.

    Args:
        first_key: int32 scalar, the first word of the site's key.
        head: the head's number.
        first_query: the position of the tile's first query.
        first_key_position: the position of the tile's first key.
        length: of a row before it was padded to whole blocks; an element's number is (head * length + query) * length + key.
        shape: of the tile.
        query_axis: the axis of the tile along which the queries lie.
    """
    query = lax.broadcasted_iota(jnp.int32, shape, query_axis) + first_query
    key_position = lax.broadcasted_iota(jnp.int32, shape, 1 - query_axis) + first_key_position
    return mixed(((head * length + query) * length + key_position) ^ first_key)


def kept(element_hash: jax.Array, row_hash: Any, rate: float) -> jax.Array:
    """Which elements of a tile are kept, bool, from the two halves of the hash."""
    return lax.shift_right_logical(mixed(element_hash ^ row_hash), jnp.int32(8)) < jnp.int32(
        round((1.0 - rate) * 2**24)
    )


def as_int32(x: jax.Array) -> jax.Array:
    """The same 32 bits as int32."""
    return lax.bitcast_convert_type(x, jnp.int32)


def mixed(x: jax.Array) -> jax.Array:
    """The bijection of `trainer.model.dropout`, for int32."""
    x = (x ^ lax.shift_right_logical(x, jnp.int32(16))) * jnp.int32(0x7FEB352D)
    x = (x ^ lax.shift_right_logical(x, jnp.int32(15))) * jnp.int32(0x846CA68B - 2**32)
    return x ^ lax.shift_right_logical(x, jnp.int32(16))
