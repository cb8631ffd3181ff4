"""Attention as two einsums, for every backend and shape: what the kernels must equal.

Scores and probabilities [batch, heads, length, length] go through memory. Their softmax is float32 for any compute dtype.
"""

import math

import keras
from keras import ops

from trainer.model.dropout import dropout
from trainer.model.precision import einsum_float32

MASKED = -1e9  # added to the score of a position that must not be attended to


def einsum_attention(
    query: keras.KerasTensor,
    keys: keras.KerasTensor,
    value: keras.KerasTensor,
    bias: keras.KerasTensor,
    *,
    heads: int,
    rate: float = 0.0,
    key: keras.KerasTensor | None = None,
    rows: keras.KerasTensor | None = None,
) -> keras.KerasTensor:
    """softmax(Q K^T / sqrt(d) + bias) V with dropout of the probabilities.

    Args:
        query, keys, value: [batch * length, heads * size] each, in the compute dtype.
        bias: float32 [batch, 1, 1 or length, length], see `attention_bias`.
        heads: their number.
        rate: of dropout.
        key: of `dropout`, which is off without it.
        rows: of `dropout`.

    Returns:
        [batch * length, heads * size] in the dtype of `value`.
    """
    hidden = query.shape[-1]
    shape = (-1, ops.shape(bias)[-1], heads, hidden // heads)
    scale = 1.0 / math.sqrt(hidden // heads)
    query, keys, value = (ops.reshape(x, shape) for x in (query, keys, value))
    scores = einsum_float32("bqnd,bknd->bnqk", query, keys) * scale + bias
    attention = ops.cast(ops.softmax(scores, axis=-1), value.dtype)
    attention = dropout(attention, rate, key, rows)
    return ops.reshape(ops.einsum("bnqk,bknd->bqnd", attention, value), (-1, hidden))


def attention_bias(input_mask: keras.KerasTensor, block_ids: keras.KerasTensor | None = None) -> keras.KerasTensor:
    """What is added to the attention scores, float32 [batch, 1, 1 or length, length].

    `input_mask` int32 [batch, length] is 1 for a piece. With `block_ids` int32 [batch, length], rows hold several
    documents and a piece attends only to its own block.
    """
    allowed = ops.equal(input_mask, 1)[:, None, None, :]
    if block_ids is not None:
        same_block = ops.equal(block_ids[:, None, :, None], block_ids[:, None, None, :])
        allowed = ops.logical_and(allowed, same_block)
    return ops.where(allowed, ops.zeros((), "float32"), ops.full((), MASKED, "float32"))
