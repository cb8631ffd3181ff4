import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainer.model.precision import einsum_float32

EQUATION = "bqnd,bknd->bnqk"


def draws(dtype):
    generator = np.random.default_rng(0)
    return (jnp.asarray(generator.standard_normal(shape), dtype) for shape in ((2, 3, 2, 64), (2, 5, 2, 64)))


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_the_product_is_not_rounded_to_bfloat16(dtype):
    first, second = draws(dtype)
    found = einsum_float32(EQUATION, first, second)
    assert found.dtype == jnp.float32
    wanted = np.einsum(EQUATION, np.asarray(first, np.float64), np.asarray(second, np.float64))
    np.testing.assert_allclose(found, wanted, atol=2e-5)


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_gradients_come_in_the_dtype_of_the_operands(dtype):
    first, second = draws(dtype)
    weights = jnp.asarray(np.random.default_rng(1).standard_normal((2, 2, 3, 5)), jnp.float32)

    def loss(first, second):
        return (einsum_float32(EQUATION, first, second) * weights).sum()

    found = jax.grad(loss, (0, 1))(first, second)
    wanted = (
        np.einsum("bnqk,bknd->bqnd", weights, np.asarray(second, np.float32)),
        np.einsum("bqnd,bnqk->bknd", np.asarray(first, np.float32), weights),
    )
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.dtype == dtype
        atol = 1e-4 if dtype == jnp.float32 else 0.02 * np.abs(theirs).max()
        np.testing.assert_allclose(np.asarray(ours, np.float32), theirs, atol=atol)
