"""Both forms of GELU against math.erf and the tanh formula, written down a second time."""

import math

import numpy as np
import pytest

from trainer.model.gelu import gelu

POINTS = np.linspace(-6, 6, 97)


def exact(x):
    return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))


def by_tanh(x):
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


@pytest.mark.parametrize(("form", "formula"), [("gelu", exact), ("gelu_new", by_tanh)])
def test_the_formula(form, formula):
    found = np.asarray(gelu(POINTS.astype(np.float32), form))
    np.testing.assert_allclose(found, [formula(float(x)) for x in POINTS.astype(np.float32)], atol=2e-6)


def test_the_two_forms_differ():
    two = [np.asarray(gelu(np.float32([1.0, -2.0]), form)) for form in ("gelu", "gelu_new")]
    assert np.abs(two[0] - two[1]).min() > 5e-5


def test_half_precision_comes_out_as_it_came_in_but_is_computed_in_float32():
    import jax.numpy as jnp

    x = jnp.asarray(np.linspace(-3, 3, 97), jnp.bfloat16)
    found = gelu(x, "gelu")
    assert found.dtype == jnp.bfloat16
    wanted = jnp.asarray([exact(float(v)) for v in x], jnp.float32).astype(jnp.bfloat16)
    assert (np.asarray(found, np.float32) == np.asarray(wanted, np.float32)).mean() > 0.95
