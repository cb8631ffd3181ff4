"""The post-LayerNorm Transformer encoder (Vaswani et al. 2017), with plain einsum attention.

Attention is written as two einsums, because fused versions have defects: Keras's, on TPU and without a mask, is causal
and unscaled. Scores, softmax and LayerNorm are float32 for any compute dtype.

Outside attention the batch is one matrix [batch * length, hidden]. Then the gradient of a kernel is one matrix product,
which XLA on a CPU computes twice as fast as the same sum over two axes.
"""

import math
from typing import Any

import keras
from keras import ops

from trainer.model.config import BertConfig
from trainer.model.dropout import dropout, site_key
from trainer.model.gelu import gelu
from trainer.model.layer_norm import LayerNorm
from trainer.model.precision import einsum_float32

MASKED = -1e9  # added to the score of a position that must not be attended to


class SelfAttention(keras.layers.Layer):
    """Multi-head self-attention: softmax(Q K^T / sqrt(d) + bias) V, and the output projection."""

    def __init__(self, config: BertConfig, **options: Any):
        super().__init__(autocast=False, **options)
        self.config = config
        self.query = self._dense("query")
        self.key = self._dense("key")
        self.value = self._dense("value")
        self.output_projection = self._dense("output")

    def build(self, input_shape=None):
        """Create four kernels [hidden, hidden] and biases [hidden]."""
        for dense in (self.query, self.key, self.value, self.output_projection):
            dense.build((None, self.config.hidden_size))

    def call(self, x, bias, key=None, rows=None):
        """`x` [batch * length, hidden], `bias` float32 [batch, 1, 1 or length, length] to the shape of `x`.

        `key` and `rows` are those of `dropout`, which is off without them.
        """
        heads, size = self.config.num_attention_heads, self.config.hidden_size // self.config.num_attention_heads
        shape = (-1, ops.shape(bias)[-1], heads, size)
        scale = 1.0 / math.sqrt(size)
        query, keys, value = (ops.reshape(dense(x), shape) for dense in (self.query, self.key, self.value))
        scores = einsum_float32("bqnd,bknd->bnqk", query, keys) * scale + bias
        attention = ops.cast(ops.softmax(scores, axis=-1), self.compute_dtype)
        attention = dropout(attention, self.config.attention_probs_dropout_prob, key, rows)
        mixed = ops.einsum("bnqk,bknd->bqnd", attention, value)
        return self.output_projection(ops.reshape(mixed, (-1, self.config.hidden_size)))

    def _dense(self, name):
        return keras.layers.Dense(self.config.hidden_size, dtype=self.dtype_policy, name=name)


class EncoderLayer(keras.layers.Layer):
    """Self-attention and feed-forward, each followed by dropout, the residual sum and LayerNorm."""

    def __init__(self, config: BertConfig, **options: Any):
        super().__init__(autocast=False, **options)
        self.config = config
        policy = self.dtype_policy
        self.attention = SelfAttention(config, dtype=policy, name="attention")
        self.attention_norm = self._norm("attention_layer_norm")
        self.intermediate = keras.layers.Dense(config.intermediate_size, dtype=policy, name="intermediate")
        self.output_projection = keras.layers.Dense(config.hidden_size, dtype=policy, name="output")
        self.output_norm = self._norm("output_layer_norm")

    def build(self, input_shape=None):
        """Create the weights of the sublayers."""
        hidden, inner = (None, self.config.hidden_size), (None, self.config.intermediate_size)
        self.attention.build(hidden)
        self.attention_norm.build(hidden)
        self.intermediate.build(hidden)
        self.output_projection.build(inner)
        self.output_norm.build(hidden)

    def call(self, x, bias, key=None, rows=None):
        """`x` [batch * length, hidden] to the same shape; `bias`, `key` and `rows` as in SelfAttention."""
        keys = [None] * 3 if key is None else [site_key(key, site) for site in range(3)]
        x = self._add(self.attention_norm, x, self.attention(x, bias, keys[0], rows), keys[1], rows)
        inner = gelu(self.intermediate(x), self.config.hidden_act)
        return self._add(self.output_norm, x, self.output_projection(inner), keys[2], rows)

    def _add(self, norm, x, update, key, rows):
        update = dropout(update, self.config.hidden_dropout_prob, key, rows)
        return norm(ops.cast(x, "float32") + ops.cast(update, "float32"))

    def _norm(self, name):
        return LayerNorm(epsilon=self.config.layer_norm_eps, dtype=self.dtype_policy, name=name)


class Encoder(keras.layers.Layer):
    """The stack of encoder layers; with `share_layers` one layer is applied at every depth (ALBERT)."""

    def __init__(self, config: BertConfig, rematerialise: bool = False, **options: Any):
        super().__init__(autocast=False, **options)
        self.config = config
        self.rematerialise = rematerialise
        self.layers = [
            EncoderLayer(config, dtype=self.dtype_policy, name=f"layer_{i}") for i in range(config.distinct_layers)
        ]

    def build(self, input_shape=None):
        """Create the weights of the layers."""
        for layer in self.layers:
            layer.build()

    def call(self, x, bias, key=None, rows=None):
        """`x` [batch, length, hidden] to the same shape; `bias`, `key` and `rows` as in SelfAttention.

        With `rematerialise`, training keeps only the input of each layer.
        """
        shape = ops.shape(x)
        x = ops.reshape(x, (-1, self.config.hidden_size))
        for depth in range(self.config.num_hidden_layers):
            layer = self.layers[depth % len(self.layers)]
            if key is None:
                x = layer(x, bias)
                continue
            call = keras.remat(layer) if self.rematerialise else layer
            x = call(x, bias, site_key(key, depth), rows)
        return ops.reshape(x, shape)


def attention_bias(input_mask, block_ids=None):
    """What is added to the attention scores, float32 [batch, 1, 1 or length, length].

    `input_mask` int32 [batch, length] is 1 for a piece. With `block_ids` int32 [batch, length], rows hold several
    documents and a piece attends only to its own block.
    """
    allowed = ops.equal(input_mask, 1)[:, None, None, :]
    if block_ids is not None:
        same_block = ops.equal(block_ids[:, None, :, None], block_ids[:, None, None, :])
        allowed = ops.logical_and(allowed, same_block)
    return ops.where(allowed, ops.zeros((), "float32"), ops.full((), MASKED, "float32"))
