import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainer.model.dropout import dropout, site_key
from trainer.model.gelu import gelu
from trainer.model.recomputed import recomputed

X = np.linspace(-3, 3, 48, dtype=np.float32).reshape(6, 8)
ROWS = np.arange(3, dtype=np.uint32)


def scaled(x, other, factor):
    return jnp.tanh(x) * other * factor


def test_values_and_gradients_are_those_of_the_function():
    function = functools.partial(scaled, factor=3.0)
    other = np.arange(8, dtype=np.int32)
    found, pull = jax.vjp(lambda x: recomputed(function, x, other), X)
    wanted, wanted_pull = jax.vjp(lambda x: function(x, other), X)
    assert np.array_equal(found, wanted)
    assert np.array_equal(pull(X)[0], wanted_pull(X)[0])


def dropped(x):
    return dropout(x, 0.5, site_key(jnp.array([1, 2], jnp.uint32), 0), ROWS)


def activated(x):
    return gelu(x, "gelu_new")


def lowered(function, platform):
    def loss(x):
        return jnp.sum(function(x) ** 2)

    return jax.jit(jax.grad(loss)).trace(X).lower(lowering_platforms=(platform,)).as_text()


@pytest.mark.parametrize("function", [dropped, activated])
def test_a_gpu_may_not_keep_what_the_forward_pass_has_computed(function):
    """The barrier hides it from the compiler. On a CPU and a TPU it decides for itself."""
    assert "optimization_barrier" in lowered(function, "cuda")
    assert "optimization_barrier" not in lowered(function, "cpu")
    assert "optimization_barrier" not in lowered(function, "tpu")


def test_the_gradient_of_what_is_dropped_is_zero_and_of_the_rest_the_scale():
    gradient = np.asarray(jax.grad(lambda x: jnp.sum(dropped(x)))(X))
    assert np.array_equal(gradient, np.where(np.asarray(dropped(jnp.ones_like(X))) > 0, 2.0, 0.0))


def test_dropout_keeps_nothing_of_its_input():
    """Its backward pass needs the key and the rows alone."""
    text = lowered(dropped, "cuda")
    barriers = [line for line in text.splitlines() if "optimization_barrier" in line]
    assert barriers
    assert not any("6x8xf32" in line for line in barriers)
