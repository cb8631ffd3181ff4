"""Layer normalization (Ba et al. 2016), in float32 whatever comes in and goes out."""

import keras
from keras import ops


class LayerNorm(keras.layers.LayerNormalization):
    """Keras's layer with its variables, its type and its name, but two passes and no broadcast scale.

    Keras multiplies the scale by the reciprocal deviation first, which makes a tensor of the input's size that XLA on a CPU
    writes to memory, and adds the mean back in, which cancels digits where the mean is large.
    """

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """[..., width] of any float dtype to the same shape in the layer's compute dtype."""
        x = ops.cast(inputs, "float32")
        centred = x - ops.mean(x, axis=-1, keepdims=True)
        variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
        normal = centred * ops.rsqrt(variance + self.epsilon)
        return ops.cast(normal * self.gamma + self.beta, self.compute_dtype)
