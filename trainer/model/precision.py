"""Products of bf16 tensors with a float32 result: attention scores and masked-LM logits.

The hardware accumulates a bf16 product in float32 anyway, and logits would lose digits if the result were rounded to
bf16. The backward pass rounds the incoming gradient to the dtype of the operands, so that its products run at the speed
of bf16 too.
"""

import functools

import keras
from keras import ops


def einsum_float32(equation: str, first: keras.KerasTensor, second: keras.KerasTensor) -> keras.KerasTensor:
    """`einsum(equation, first, second)` in float32; every index of an operand is in the other one or in the output."""
    if keras.backend.backend() == "jax" and keras.backend.standardize_dtype(first.dtype) != "float32":
        return _jax_einsum()(equation, first, second)
    return ops.einsum(equation, ops.cast(first, "float32"), ops.cast(second, "float32"))


@functools.cache
def _jax_einsum():
    import jax
    import jax.numpy as jnp

    @functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
    def einsum(equation, first, second):
        return jnp.einsum(equation, first, second, preferred_element_type=jnp.float32)

    def forward(equation, first, second):
        return einsum(equation, first, second), (first, second)

    def backward(equation, operands, gradient):
        first, second = operands
        inputs, output = equation.split("->")
        first_indices, second_indices = inputs.split(",")
        gradient = gradient.astype(first.dtype)
        return (
            jnp.einsum(f"{output},{second_indices}->{first_indices}", gradient, second),
            jnp.einsum(f"{first_indices},{output}->{second_indices}", first, gradient),
        )

    einsum.defvjp(forward, backward)
    return einsum
