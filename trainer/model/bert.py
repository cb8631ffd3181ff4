"""BERT for pretraining: one Keras model for every size, sequence length and backend."""

import zlib
from collections.abc import Mapping

import keras
import numpy as np

from trainer.model.config import BertConfig
from trainer.model.dropout import site_key
from trainer.model.embeddings import Embeddings
from trainer.model.encoder import Encoder, attention_bias
from trainer.model.heads import MaskedLanguageModelHead, NextSentenceHead, gather_positions

COMPUTE_DTYPES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


class BertPretrainer(keras.Model):
    """Embeddings, encoder, pooler, masked-LM and next-sentence head; see `call` for what goes in and comes out.

    Weights are float32 always. Dropout is a function of the one `seed_generator`, which is the model's only
    non-trainable state, so `stateless_call(trainable, non_trainable, inputs, training=True)` is the whole state of a
    step.
    """

    def __init__(self, config: BertConfig, compute_dtype: str = "float32", rematerialise: bool = False):
        super().__init__(name="bert", dtype=COMPUTE_DTYPES[compute_dtype])
        self.config = config
        policy = self.dtype_policy
        self.embeddings = Embeddings(config, dtype=policy, name="embeddings")
        self.encoder = Encoder(config, rematerialise, dtype=policy, name="encoder")
        self.pooler = keras.layers.Dense(config.hidden_size, activation="tanh", dtype=policy, name="pooler")
        self.masked_lm = MaskedLanguageModelHead(config, dtype=policy, name="masked_lm")
        self.next_sentence = NextSentenceHead(config, dtype=policy, name="next_sentence")
        self.seed_generator = keras.random.SeedGenerator(0, name="dropout_seed")

    def build(self, input_shape=None):
        """Create every weight, of zeros; the shapes follow from the config alone."""
        self.embeddings.build()
        self.encoder.build()
        self.pooler.build((None, self.config.hidden_size))
        self.masked_lm.build()
        self.next_sentence.build()
        self.built = True

    def call(self, inputs: Mapping[str, keras.KerasTensor], training: bool = False) -> dict[str, keras.KerasTensor]:
        """Logits of both heads.

        Args:
            inputs: int32 each. `input_ids`, `input_mask`, `segment_ids` [batch, length]; `masked_lm_positions`
                [batch, predictions]. For packed rows also `position_ids` and `block_ids` [batch, length], and
                `cls_positions` [batch, documents], where each document's [CLS] stands.
            training: whether dropout is on.

        Returns:
            `mlm_logits` float32 [batch, predictions, vocab], absent without `masked_lm_positions`; `nsp_logits` float32
            [batch, 2], or [batch, documents, 2] with `cls_positions`.
        """
        sequence = self.sequence_output(inputs, training)
        outputs = {"nsp_logits": self.next_sentence(self.pooled_output(sequence, inputs.get("cls_positions")))}
        positions = inputs.get("masked_lm_positions")
        if positions is not None:
            outputs["mlm_logits"] = self.masked_lm(sequence, positions, self.embeddings.word_table)
        return outputs

    def sequence_output(self, inputs: Mapping[str, keras.KerasTensor], training: bool = False) -> keras.KerasTensor:
        """The last encoder layer's output, [batch, length, hidden] in the compute dtype; inputs as for `call`."""
        seed = self.seed_generator.next() if training else None
        keys = (None, None) if seed is None else (site_key(seed, 0), site_key(seed, 1))
        x = self.embeddings(inputs["input_ids"], inputs["segment_ids"], inputs.get("position_ids"), keys[0])
        return self.encoder(x, attention_bias(inputs["input_mask"], inputs.get("block_ids")), keys[1])

    def pooled_output(
        self, sequence: keras.KerasTensor, cls_positions: keras.KerasTensor | None = None
    ) -> keras.KerasTensor:
        """tanh(W x + b) of the first piece, [batch, hidden], or of those at `cls_positions`, [batch, documents, hidden]."""
        return self.pooler(sequence[:, 0] if cls_positions is None else gather_positions(sequence, cls_positions))


def build_pretrainer(
    config: BertConfig, *, compute_dtype: str = "float32", rematerialise: bool = False, seed: int = 0
) -> BertPretrainer:
    """A BERT with weights drawn from `seed`, the same on every backend and number of devices.

    Args:
        config: the shape of the network.
        compute_dtype: "float32", or "bfloat16" for activations and matrix products in bf16 (weights stay float32).
        rematerialise: keep only each encoder layer's input for the backward pass and compute the rest again.
        seed: of the initial weights and of dropout.
    """
    model = BertPretrainer(config, compute_dtype, rematerialise)
    model.build()
    initialise(model, seed)
    return model


def initialise(model: BertPretrainer, seed: int) -> None:
    """Kernels and tables from a normal distribution cut at two standard deviations, biases 0, LayerNorm scales 1."""
    for variable in model.trainable_variables:
        if variable.name == "gamma":
            variable.assign(np.ones(variable.shape, np.float32))
        elif variable.name in ("beta", "bias"):
            variable.assign(np.zeros(variable.shape, np.float32))
        else:
            key = np.array([seed, zlib.crc32(variable.path.encode())], np.uint64)
            generator = np.random.Generator(np.random.Philox(key=key))
            variable.assign(_truncated_normal(generator, tuple(variable.shape), model.config.initializer_range))
    model.seed_generator.state.assign(np.array([seed & 0xFFFFFFFF, 0], model.seed_generator.state.dtype))


def _truncated_normal(generator: np.random.Generator, shape: tuple[int, ...], deviation: float) -> np.ndarray:
    """Float32 draws from N(0, deviation**2), those beyond two deviations drawn again (TensorFlow's initializer)."""
    values = generator.standard_normal(shape, np.float32).ravel()
    beyond = np.flatnonzero(np.abs(values) > 2)
    while beyond.size:
        values[beyond] = generator.standard_normal(beyond.size, np.float32)
        beyond = beyond[np.abs(values[beyond]) > 2]
    return (values * np.float32(deviation)).reshape(shape)
