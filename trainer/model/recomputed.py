"""Functions of which the backward pass of a GPU keeps the arguments only, and computes the rest again.

XLA decides for itself what it keeps of the forward pass. On a GPU it keeps, in each layer, two masks of dropout, a byte an
element, and the hyperbolic tangents of GELU in float32: 0.45 GB a layer of BERT-Base with 256 rows of 128 pieces, a third
of what the layer keeps, and cheap to compute from what is there anyway. The barrier below hides from XLA that the backward
pass computes what the forward pass has computed. On a TPU or a CPU there is none, and the compiled step is what it was.
"""

import functools
from collections.abc import Callable
from typing import Any

import keras


def recomputed(function: Callable[..., Any], x: Any, *others: Any) -> Any:
    """`function(x, *others)`, differentiable in `x` only.

    Args:
        function: a pure function of arrays, which returns one array; with keyword arguments bound by `functools.partial`.
        x: any float array.
        others: arrays without gradients.
    """
    if keras.backend.backend() != "jax":
        return function(x, *others)
    return _jax_recomputed()(function, x, *others)


@functools.cache
def _jax_recomputed():
    import jax
    import numpy as np
    from jax import lax

    @functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
    def apply(function, x, *others):
        return function(x, *others)

    def forward(function, x, *others):
        return function(x, *others), (x, *others)

    hidden = lax.optimization_barrier

    def backward(function, kept, gradient):
        # Each array by itself: what is not needed is then not kept. The backward pass of dropout does not need x.
        x, *others = (lax.platform_dependent(array, cuda=hidden, rocm=hidden, default=lambda it: it) for array in kept)
        _, gradient_of_x = jax.vjp(lambda x: function(x, *others), x)
        return (*gradient_of_x(gradient), *(np.zeros(other.shape, jax.dtypes.float0) for other in others))

    apply.defvjp(forward, backward)
    return apply
