"""The two pretraining heads (Devlin et al. 2018, section 3.1) and the pooler before the second."""

from typing import Any

import keras
from keras import ops

from trainer.model.config import BertConfig
from trainer.model.gelu import gelu
from trainer.model.layer_norm import LayerNorm
from trainer.model.vocabulary_loss import vocabulary_logits, vocabulary_loss


class MaskedLanguageModelHead(keras.layers.Layer):
    """Logits over the vocabulary at chosen positions: dense, GELU, LayerNorm, the word table transposed, a bias."""

    def __init__(self, config: BertConfig, **options: Any):
        super().__init__(autocast=False, **options)
        self.config = config
        self.transform = keras.layers.Dense(config.embedding_width, dtype=self.dtype_policy, name="transform")
        self.layer_norm = LayerNorm(epsilon=config.layer_norm_eps, dtype=self.dtype_policy, name="layer_norm")

    def build(self, input_shape=None):
        """Create the transform and the output bias [vocab]; the word table belongs to the embeddings."""
        self.transform.build((None, self.config.hidden_size))
        self.layer_norm.build((None, self.config.embedding_width))
        self.bias = self.add_weight(name="bias", shape=(self.config.vocab_size,), initializer="zeros", autocast=False)

    def call(self, sequence, positions, word_table, labels=None):
        """`sequence` [batch, length, hidden] and `positions` int32 [batch, count] to float32 [batch, count, vocab].

        With `labels` int32 [batch, count]: the loss of each, and whether it has the highest logit, float32 [batch, count].
        """
        x = ops.reshape(gather_positions(sequence, positions), (-1, self.config.hidden_size))
        x = self.transform(x)
        x = self.layer_norm(gelu(x, self.config.hidden_act))
        if labels is None:
            logits = vocabulary_logits(x, word_table, self.bias)
            return ops.reshape(logits, (*ops.shape(positions), self.config.vocab_size))
        loss, correct = vocabulary_loss(x, word_table, self.bias, ops.reshape(labels, (-1,)))
        return ops.reshape(loss, ops.shape(positions)), ops.reshape(correct, ops.shape(positions))


class NextSentenceHead(keras.layers.Layer):
    """A float32 logit for each label: usually 0, the true continuation, and 1, a random or swapped second segment."""

    def __init__(self, config: BertConfig, **options: Any):
        super().__init__(autocast=False, **options)
        self.config = config
        self.classifier = keras.layers.Dense(config.next_sentence_labels, dtype="float32", name="classifier")

    def build(self, input_shape=None):
        """Create the classifier."""
        self.classifier.build((None, self.config.hidden_size))

    def call(self, pooled):
        """`pooled` [..., hidden] to float32 [..., labels]."""
        return self.classifier(ops.cast(pooled, "float32"))


def gather_positions(sequence, positions):
    """Rows of `sequence` [batch, length, hidden] at `positions` int32 [batch, count]: [batch, count, hidden]."""
    return ops.take_along_axis(sequence, positions[:, :, None], axis=1)
