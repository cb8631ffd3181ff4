"""A model: an encoder with the heads of a task, with weights drawn from a seed."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from trainer.model.bert_encoder import NAME, BertEncoder

Tensors = dict[str, keras.KerasTensor]
Heads = Mapping[str, keras.layers.Layer]
HeadOutputs = Callable[[BertEncoder, Heads, Mapping[str, keras.KerasTensor], bool], Tensors]
"""A function of the encoder, the heads by name, the inputs and `training`, which returns the heads' outputs by name."""


class EncoderWithHeads(keras.Model):
    """`stateless_call(trainable, non_trainable, inputs, training=True)` is the whole state of a training step."""

    def __init__(self, encoder: BertEncoder, heads: Heads, outputs: HeadOutputs):
        """The name of a weight of a head begins with the head's own name; `outputs` is called with the heads."""
        super().__init__(name=NAME, dtype=encoder.dtype_policy)
        self.config = encoder.config
        self.encoder = encoder
        self.heads = dict(heads)
        self._outputs = outputs

    def build(self, input_shape=None):
        """Create the weights of the heads as zeros. Those of the encoder exist already."""
        for head in self.heads.values():
            head.build((None, self.config.hidden_size))
        self.built = True

    def call(self, inputs: Mapping[str, keras.KerasTensor], training: bool = False) -> Tensors:
        """The outputs of the heads; inputs as `BertEncoder.sequence_output` and the heads need them."""
        return self._outputs(self.encoder, self.heads, inputs, training)


def build_with_heads(
    encoder: BertEncoder, heads: Heads, outputs: HeadOutputs, seed: int | None = 0
) -> EncoderWithHeads:
    """A model with all weights drawn from `seed`, the same on every backend and number of devices.

    If `seed` is None, nothing is drawn: the weights are zeros, for those who need their shapes only.
    """
    if not encoder.built:
        encoder.build()
    model = EncoderWithHeads(encoder, heads, outputs)
    model.build()
    if seed is not None:
        _draw_weights(model, seed)
    return model


def _draw_weights(model: EncoderWithHeads, seed: int) -> None:
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
    state: Any = model.encoder.seed_generator.state
    state.assign(np.array([seed & 0xFFFFFFFF, 0], state.dtype))


def _truncated_normal(generator: np.random.Generator, shape: tuple[int, ...], deviation: float) -> np.ndarray:
    """Float32 draws from N(0, deviation**2), those beyond two deviations drawn again (TensorFlow's initializer)."""
    values = generator.standard_normal(shape, np.float32).ravel()
    beyond = np.flatnonzero(np.abs(values) > 2)
    while beyond.size:
        values[beyond] = generator.standard_normal(beyond.size, np.float32)
        beyond = beyond[np.abs(values[beyond]) > 2]
    return (values * np.float32(deviation)).reshape(shape)
