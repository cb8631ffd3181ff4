"""Attention of a model, by the einsums or by the kernels of a platform."""

from typing import Any

import keras
from keras import ops

from trainer.model.attention.einsum import attention_bias, einsum_attention
from trainer.model.attention.kernel import AttentionKernel

Mask = Any
"""Who may attend to whom: the bias of the einsums, or the ids of queries and of keys for the kernels."""


def attention_mask(
    kernel: AttentionKernel, input_mask: keras.KerasTensor, block_ids: keras.KerasTensor | None = None
) -> Mask:
    """The mask of a batch, which all layers share, in the form that the kernel takes.

    `input_mask` int32 [batch, length] is 1 for a piece. With `block_ids` int32 [batch, length], rows hold several
    documents, whose ids are 1 and above, and a piece attends only to its own block.
    """
    if not kernel.platform:
        return attention_bias(input_mask, block_ids)
    query_ids = ops.ones_like(input_mask) if block_ids is None else block_ids
    return query_ids, ops.where(ops.equal(input_mask, 1), query_ids, ops.zeros_like(query_ids))


def attend(
    query: keras.KerasTensor,
    keys: keras.KerasTensor,
    value: keras.KerasTensor,
    mask: Mask,
    *,
    heads: int,
    kernel: AttentionKernel,
    rate: float = 0.0,
    key: keras.KerasTensor | None = None,
    rows: keras.KerasTensor | None = None,
) -> keras.KerasTensor:
    """softmax(Q K^T / sqrt(d)) V of matrices [batch * length, heads * size], to the same shape.

    `mask` is that of `attention_mask`; its form decides between the einsums and the kernels of `kernel`. `rate`, `key`
    and `rows` are those of `dropout`, which is off without a key.
    """
    if not isinstance(mask, tuple):
        return einsum_attention(query, keys, value, mask, heads=heads, rate=rate, key=key, rows=rows)
    from trainer.model.attention.sharded import local_attention  # loads Pallas, which other backends have not

    query_ids, key_ids = mask
    query, keys, value = (ops.reshape(x, (*query_ids.shape, x.shape[-1])) for x in (query, keys, value))
    attention = local_attention(kernel, heads, rate)
    return ops.reshape(attention(query, keys, value, query_ids, key_ids, key, rows), (-1, query.shape[-1]))
