"""Fused attention where a batch lies on several devices.

The compiler cannot divide a kernel, so each device runs its own on its own rows. Inside `jax.shard_map` that is so already.
Elsewhere the kernel brings a `shard_map` of its own; no device needs anything of another.
"""

import functools
from collections.abc import Callable

import jax
from jax.sharding import PartitionSpec

from trainer.model.attention.fused import fused_attention
from trainer.model.attention.kernel import AttentionKernel


def local_attention(kernel: AttentionKernel, heads: int, rate: float) -> Callable[..., jax.Array]:
    """`attention(query, keys, value, query_ids, key_ids, key, rows)` as `fused_attention` does it, with `key` and `rows`
    that may be None. It takes local arrays inside `jax.shard_map`, and global ones outside.
    """

    def attention(query, keys, value, query_ids, key_ids, key, rows):
        return fused_attention(
            query,
            keys,
            value,
            query_ids,
            key_ids,
            heads=heads,
            platform=kernel.platform,
            interpret=kernel.interpret,
            rate=rate,
            key=key,
            rows=rows,
        )

    if kernel.mesh is None or kernel.mesh.size == 1 or jax.sharding.get_abstract_mesh().manual_axes:
        return attention
    by_rows, whole = PartitionSpec(kernel.mesh.axis_names[0]), PartitionSpec()
    return functools.partial(
        jax.shard_map,
        mesh=kernel.mesh,
        in_specs=(*[by_rows] * 5, whole, by_rows),
        out_specs=by_rows,
        check_vma=False,
    )(attention)
