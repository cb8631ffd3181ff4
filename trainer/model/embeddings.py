"""Word, position and segment embeddings, summed, normalised and dropped out (Devlin et al. 2018, figure 2)."""

from typing import Any

import keras
from keras import ops

from trainer.model.config import BertConfig
from trainer.model.dropout import dropout
from trainer.model.layer_norm import LayerNorm


class Embeddings(keras.layers.Layer):
    """Three tables whose rows are summed; with a factorised config, projected to the network's width afterwards.

    Tables, sum and LayerNorm are float32 for any compute dtype; the output has the compute dtype. The tables are
    created as zeros; `bert.initialise` or an import fills them.
    """

    def __init__(self, config: BertConfig, **options: Any):
        super().__init__(autocast=False, **options)
        self.config = config
        self.layer_norm = LayerNorm(epsilon=config.layer_norm_eps, dtype=self.dtype_policy, name="layer_norm")
        self.projection = (
            None
            if not config.is_factorised
            else keras.layers.Dense(config.hidden_size, dtype=self.dtype_policy, name="projection")
        )

    def build(self, input_shape=None):
        """Create the tables, float32 [rows, embedding width]."""
        config, width = self.config, self.config.embedding_width
        self.word_table = self._add_table("word_embeddings", config.vocab_size, width)
        self.position_table = self._add_table("position_embeddings", config.max_position_embeddings, width)
        self.segment_table = self._add_table("token_type_embeddings", config.type_vocab_size, width)
        self.layer_norm.build((None, None, width))
        if self.projection is not None:
            self.projection.build((None, None, width))

    def call(self, input_ids, segment_ids, position_ids=None, key=None, rows=None):
        """Int32 [batch, length] each to [batch, length, hidden]; positions count from 0 when they are not given.

        `key` and `rows` are those of `dropout`, which is off without them.
        """
        x = ops.take(self.word_table, input_ids, axis=0)
        first = self.config.family.first_position
        if position_ids is None:
            x = x + self.position_table[first : first + ops.shape(input_ids)[1]]
        else:
            x = x + ops.take(self.position_table, position_ids + first if first else position_ids, axis=0)
        x = self.layer_norm(x + self._segment_rows(segment_ids))
        x = dropout(x, self.config.hidden_dropout_prob, key, rows)
        return x if self.projection is None else self.projection(x)

    def _segment_rows(self, segment_ids):
        """The rows of a table with few rows, by selection.

        The gradient of a gather would add a whole batch into two rows.
        """
        rows = ops.broadcast_to(self.segment_table[0], (*ops.shape(segment_ids), self.config.embedding_width))
        for segment in range(1, self.config.type_vocab_size):
            rows = ops.where(ops.equal(segment_ids, segment)[..., None], self.segment_table[segment], rows)
        return rows

    def _add_table(self, name, rows, width):
        return self.add_weight(name=name, shape=(rows, width), initializer="zeros", autocast=False)
