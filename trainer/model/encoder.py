"""The post-LayerNorm Transformer encoder (Vaswani et al. 2017).

Attention is our own (`trainer.model.attention`), because Keras's fused one, on TPU and without a mask, is causal and
unscaled. Scores, softmax and LayerNorm are float32 for any compute dtype.

Outside attention the batch is one matrix [batch * length, hidden]. Then the gradient of a kernel is one matrix product,
which XLA on a CPU computes twice as fast as the same sum over two axes.
"""

from typing import Any

import keras
from keras import ops

from trainer.model.attention.attend import attend
from trainer.model.attention.kernel import EINSUM, AttentionKernel
from trainer.model.config import BertConfig
from trainer.model.dropout import dropout, site_key
from trainer.model.gelu import gelu
from trainer.model.layer_norm import LayerNorm


class SelfAttention(keras.layers.Layer):
    """Multi-head self-attention: softmax(Q K^T / sqrt(d)) V, and the output projection."""

    def __init__(self, config: BertConfig, kernel: AttentionKernel = EINSUM, **options: Any):
        super().__init__(autocast=False, **options)
        self.config = config
        self.kernel = kernel
        self.query = self._dense("query")
        self.key = self._dense("key")
        self.value = self._dense("value")
        self.output_projection = self._dense("output")

    def build(self, input_shape=None):
        """Create four kernels [hidden, hidden] and biases [hidden]."""
        for dense in (self.query, self.key, self.value, self.output_projection):
            dense.build((None, self.config.hidden_size))

    def call(self, x, mask, key=None, rows=None):
        """`x` [batch * length, hidden] to its shape, with the `mask` of `attention_mask`.

        `key` and `rows` are those of `dropout`, which is off without them.
        """
        mixed = attend(
            self.query(x),
            self.key(x),
            self.value(x),
            mask,
            heads=self.config.num_attention_heads,
            kernel=self.kernel,
            rate=self.config.attention_probs_dropout_prob,
            key=key,
            rows=rows,
        )
        return self.output_projection(mixed)

    def _dense(self, name):
        return keras.layers.Dense(self.config.hidden_size, dtype=self.dtype_policy, name=name)


class EncoderLayer(keras.layers.Layer):
    """Self-attention and feed-forward, each followed by dropout, the residual sum and LayerNorm."""

    def __init__(self, config: BertConfig, kernel: AttentionKernel = EINSUM, **options: Any):
        super().__init__(autocast=False, **options)
        self.config = config
        policy = self.dtype_policy
        self.attention = SelfAttention(config, kernel, dtype=policy, name="attention")
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

    def call(self, x, mask, key=None, rows=None):
        """`x` [batch * length, hidden] to the same shape; `mask`, `key` and `rows` as in SelfAttention."""
        keys = [None] * 3 if key is None else [site_key(key, site) for site in range(3)]
        x = self._add(self.attention_norm, x, self.attention(x, mask, keys[0], rows), keys[1], rows)
        inner = gelu(self.intermediate(x), self.config.hidden_act)
        return self._add(self.output_norm, x, self.output_projection(inner), keys[2], rows)

    def _add(self, norm, x, update, key, rows):
        update = dropout(update, self.config.hidden_dropout_prob, key, rows)
        return norm(ops.cast(x, "float32") + ops.cast(update, "float32"))

    def _norm(self, name):
        return LayerNorm(epsilon=self.config.layer_norm_eps, dtype=self.dtype_policy, name=name)


class Encoder(keras.layers.Layer):
    """The stack of encoder layers; with `share_layers` one layer is applied at every depth (ALBERT)."""

    def __init__(
        self, config: BertConfig, rematerialise: bool = False, kernel: AttentionKernel = EINSUM, **options: Any
    ):
        super().__init__(autocast=False, **options)
        self.config = config
        self.rematerialise = rematerialise
        self.layers = [
            EncoderLayer(config, kernel, dtype=self.dtype_policy, name=f"layer_{i}")
            for i in range(config.distinct_layers)
        ]

    def build(self, input_shape=None):
        """Create the weights of the layers."""
        for layer in self.layers:
            layer.build()

    def call(self, x, mask, key=None, rows=None):
        """`x` [batch, length, hidden] to the same shape; `mask`, `key` and `rows` as in SelfAttention.

        With `rematerialise`, training keeps only the input of each layer.
        """
        shape = ops.shape(x)
        return ops.reshape(self.layer_outputs(x, mask, key, rows)[-1], shape)

    def layer_outputs(self, x, mask, key=None, rows=None):
        """What goes into the first layer and comes out of each, a list of [batch * length, hidden]."""
        x = ops.reshape(x, (-1, self.config.hidden_size))
        found = [x]
        for depth in range(self.config.num_hidden_layers):
            layer = self.layers[depth % len(self.layers)]
            if key is None:
                x = layer(x, mask)
            else:
                call = keras.remat(layer) if self.rematerialise else layer
                x = call(x, mask, site_key(key, depth), rows)
            found.append(x)
        return found
