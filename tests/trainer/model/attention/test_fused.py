"""The kernels of both platforms against the einsums."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from attention_case import KEY, Case, assert_equal

from trainer.model.attention.einsum import attention_bias, einsum_attention
from trainer.model.attention.fused import fused_attention

PLATFORMS = pytest.mark.parametrize("platform", ["tpu", "gpu"])


@PLATFORMS
@pytest.mark.parametrize(
    "case",
    [
        Case("full", 8, rate=0.3),
        Case("packed", 40, size=128, heads=1),
        Case("padded", 128, rate=0.3),
        Case("packed", 200, rate=0.1),
        Case("padded", 512),
    ],
    ids=str,
)
def test_values_and_gradients_are_those_of_the_einsums(platform, case):
    assert_equal(case, platform, 2e-6)


@PLATFORMS
def test_the_masks_are_bit_for_bit_those_of_the_einsums(platform):
    length, ids, rows = 40, np.ones((2, 40), np.int32), np.array([5, 2**31 + 7], np.uint32)
    alike = jnp.zeros((2, length, 128))
    one_hot = jnp.tile(jnp.eye(length, 64), (2, 1, 2))  # so that what comes out are the probabilities
    options = {"heads": 2, "rate": 0.3, "key": KEY, "rows": rows}
    found = fused_attention(alike, alike, one_hot, ids, ids, platform=platform, interpret=True, **options)
    flat = [x.reshape(-1, 128) for x in (alike, alike, one_hot)]
    wanted = einsum_attention(*flat, attention_bias(ids), **options)
    kept = np.asarray(wanted).reshape(2, length, 2, 64)[..., :length] > 0
    assert 0.65 < kept.mean() < 0.75
    assert np.array_equal(np.asarray(found).reshape(2, length, 2, 64)[..., :length] > 0, kept)


@PLATFORMS
def test_a_block_that_is_masked_whole_is_not_computed(platform):
    ids = np.repeat(np.array([[1, 0]], np.int32), 128, axis=1)
    query, keys, value, gradient = (jnp.ones((1, 256, 128)) for _ in range(4))
    keys, value = (x.at[:, 128:].set(jnp.nan) for x in (keys, value))  # times a probability of 0 it would stay so

    def run(query, keys, value):
        return fused_attention(query, keys, value, ids, ids, heads=2, platform=platform, interpret=True)

    mixed, pull = jax.vjp(run, query, keys, value)
    assert np.isfinite(mixed).all()
    assert all(np.isfinite(x).all() for x in pull(gradient))


@PLATFORMS
def test_a_query_that_attends_to_nothing_gives_zeros(platform):
    ids = np.array([[1] * 8 + [0] * 8], np.int32)
    x = jnp.ones((1, 16, 128))
    mixed, pull = jax.vjp(lambda *x: fused_attention(*x, ids, ids, heads=2, platform=platform, interpret=True), x, x, x)
    assert (np.asarray(mixed)[0].any(axis=1) == (ids[0] > 0)).all()
    assert all((np.asarray(gradient)[0, 8:] == 0).all() for gradient in pull(x))
