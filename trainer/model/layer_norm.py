"""Layer normalization (Ba et al. 2016), computed in float32 for any dtype of input and output."""

import keras
from keras import ops


class LayerNorm(keras.layers.LayerNormalization):
    """Keras's layer, with its variables and its type, but computed as: centre, normalise, then scale and shift.

    Keras multiplies the scale by the reciprocal deviation first. This makes a tensor as large as the input, which XLA
    on a CPU writes to memory. Keras also adds the mean back afterwards, which loses digits if the mean is large.
    """

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """[..., width] of any float dtype to the same shape in the layer's compute dtype."""
        x = ops.cast(inputs, "float32")
        centred = x - ops.mean(x, axis=-1, keepdims=True)
        variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
        normal = centred * ops.rsqrt(variance + self.epsilon)
        return ops.cast(normal * self.gamma + self.beta, self.compute_dtype)
