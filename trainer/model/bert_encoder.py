"""The encoder of a BERT without heads: embeddings, encoder layers and, unless it is left out, the pooler."""

from collections.abc import Mapping

import keras
from keras import ops

from trainer.model.attention.attend import attention_mask
from trainer.model.attention.kernel import EINSUM, AttentionKernel
from trainer.model.config import BertConfig
from trainer.model.dropout import site_key
from trainer.model.embeddings import Embeddings
from trainer.model.encoder import Encoder
from trainer.model.heads import gather_positions

COMPUTE_DTYPES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
HEAD_SITE = 2  # the first site of dropout that the encoder does not use
NAME = "bert"  # of an encoder and of a model with heads; paths of variables begin with it, also in checkpoints


class BertEncoder(keras.Model):
    """The part of the model that all tasks share. `EncoderWithHeads` adds the heads of a task.

    Weights are always float32. The seed of dropout is the state of `seed_generator`, which is the only non-trainable
    state: the seed of the run, and the number of calls with dropout so far.
    """

    def __init__(
        self,
        config: BertConfig,
        compute_dtype: str = "float32",
        rematerialise: bool = False,
        pooler: bool = True,
        attention: AttentionKernel = EINSUM,
    ):
        super().__init__(name=NAME, dtype=COMPUTE_DTYPES[compute_dtype])
        self.config = config
        policy = self.dtype_policy
        self.embeddings = Embeddings(config, dtype=policy, name="embeddings")
        self.attention = attention
        self.stack = Encoder(config, rematerialise, attention, dtype=policy, name="encoder")
        self.pooler = (
            keras.layers.Dense(config.hidden_size, activation="tanh", dtype=policy, name="pooler") if pooler else None
        )
        self.seed_generator = keras.random.SeedGenerator(0, name="dropout_seed")

    def build(self, input_shape=None):
        """Create every weight as zeros. The shapes follow from the config alone."""
        self.embeddings.build()
        self.stack.build()
        if self.pooler is not None:
            self.pooler.build((None, self.config.hidden_size))
        self.built = True

    def call(self, inputs: Mapping[str, keras.KerasTensor], training: bool = False) -> keras.KerasTensor:
        """`sequence_output`."""
        return self.sequence_output(inputs, training)

    def sequence_output(
        self,
        inputs: Mapping[str, keras.KerasTensor],
        training: bool = False,
        seed: keras.KerasTensor | None = None,
    ) -> keras.KerasTensor:
        """The last encoder layer's output, [batch, length, hidden] in the compute dtype.

        Args:
            inputs: int32 each. `input_ids`, `input_mask`, `segment_ids` [batch, length]. For packed rows also
                `position_ids` and `block_ids` [batch, length]. With dropout, `row_ids` uint32 [batch] tells each row's
                place in the global batch; they count from 0 when they are not given.
            training: whether dropout is on.
            seed: that of this call's dropout, if a head drops out with the same one; see `dropout_seed`.
        """
        if training and seed is None:
            seed = self.dropout_seed()
        keys = (None, None) if seed is None else (site_key(seed, 0), site_key(seed, 1))
        rows = None if seed is None else row_ids(inputs)
        x = self.embeddings(inputs["input_ids"], inputs["segment_ids"], inputs.get("position_ids"), keys[0], rows)
        mask = attention_mask(self.attention, inputs["input_mask"], inputs.get("block_ids"))
        return self.stack(x, mask, keys[1], rows)

    def hidden_states(self, inputs: Mapping[str, keras.KerasTensor]) -> list[keras.KerasTensor]:
        """The output of the embeddings and of each encoder layer, without dropout: [batch, length, hidden] each.

        They are numbered as the `hidden_states` of transformers: 0 is the embeddings, the last is `sequence_output`.
        """
        x = self.embeddings(inputs["input_ids"], inputs["segment_ids"], inputs.get("position_ids"))
        mask = attention_mask(self.attention, inputs["input_mask"], inputs.get("block_ids"))
        return [ops.reshape(output, ops.shape(x)) for output in self.stack.layer_outputs(x, mask)]

    def dropout_seed(self) -> keras.KerasTensor:
        """The seed of dropout for one call of the model, [2] integers. The next call gets another one.

        The encoder uses it at the sites 0 and 1 (`site_key`). Heads may use it at others, from `HEAD_SITE` on.
        """
        return self.seed_generator.next()

    def pooled_output(
        self, sequence: keras.KerasTensor, cls_positions: keras.KerasTensor | None = None
    ) -> keras.KerasTensor:
        """tanh(W x + b) of the first piece: [batch, hidden].

        With `cls_positions` int32 [batch, documents], of the pieces there: [batch, documents, hidden].
        """
        assert self.pooler is not None, "this encoder was built without a pooler"
        return self.pooler(sequence[:, 0] if cls_positions is None else gather_positions(sequence, cls_positions))


def row_ids(inputs: Mapping[str, keras.KerasTensor]) -> keras.KerasTensor:
    """The place of each row in the global batch, uint32 [batch]: as given, or counted from 0."""
    if "row_ids" in inputs:
        return inputs["row_ids"]
    return ops.cast(ops.arange(ops.shape(inputs["input_ids"])[0], dtype="int32"), "uint32")
