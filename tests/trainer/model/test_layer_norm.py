import numpy as np

from trainer.model.layer_norm import LayerNorm


def layer(width, epsilon=1e-3, dtype="float32"):
    norm = LayerNorm(epsilon=epsilon, dtype=dtype)
    norm.build((None, width))
    return norm


def test_mean_zero_and_deviation_one_then_scale_and_shift():
    norm = layer(4, epsilon=0.5)
    norm.gamma.assign(np.float32([1, 2, 3, 4]))
    norm.beta.assign(np.float32([10, 20, 30, 40]))
    x = np.array([[1.0, 2.0, 3.0, 6.0], [5.0, 5.0, 5.0, 5.0]], np.float32)
    centred = x - x.mean(-1, keepdims=True)
    wanted = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 0.5) * [1, 2, 3, 4] + [10, 20, 30, 40]
    np.testing.assert_allclose(np.asarray(norm(x)), wanted, rtol=1e-6)


def test_no_digits_are_lost_where_the_mean_is_large():
    x = (1e4 + np.arange(8)).astype(np.float32)[None]
    wanted = (np.arange(8) - 3.5) / np.sqrt(((np.arange(8) - 3.5) ** 2).mean() + 1e-12)
    np.testing.assert_allclose(np.asarray(layer(8, epsilon=1e-12)(x))[0], wanted, atol=1e-5)


def test_half_precision_is_normalised_in_float32():
    import jax.numpy as jnp

    x = jnp.asarray([[256.0, 257.0, 258.0, 260.0]], jnp.bfloat16)
    found = layer(4, dtype="mixed_bfloat16")(x)
    assert found.dtype == jnp.bfloat16
    wanted = np.asarray(layer(4)(np.asarray(x, np.float32)))
    np.testing.assert_allclose(np.asarray(found, np.float32), wanted, atol=1e-2)
