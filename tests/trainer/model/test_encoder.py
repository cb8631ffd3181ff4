"""One encoder layer against numpy; the whole network is compared with transformers in test_parity.py."""

import math

import numpy as np
import pytest

from trainer.model.attention.einsum import attention_bias
from trainer.model.config import BertConfig
from trainer.model.encoder import Encoder, EncoderLayer, SelfAttention

CONFIG = BertConfig(
    vocab_size=5,
    hidden_size=6,
    num_hidden_layers=3,
    num_attention_heads=2,
    intermediate_size=10,
    layer_norm_eps=1e-3,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)
MASK = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], np.int32)
X = np.random.default_rng(5).standard_normal((2, 4, 6)).astype(np.float32)


def filled(layer, seed=6):
    layer.build()
    draws = np.random.default_rng(seed)
    for variable in layer.trainable_variables:
        variable.assign(draws.standard_normal(variable.shape).astype(np.float32))
    return layer


def weights_of(layer):
    return {v.path.split("/", 1)[1]: np.asarray(v, np.float64) for v in layer.trainable_variables}


def attention_by_hand(x, w, bias, prefix=""):
    def dense(name, value):
        return value @ w[f"{prefix}{name}/kernel"] + w[f"{prefix}{name}/bias"]

    query, key, value = (dense(name, x).reshape(2, 4, 2, 3) for name in ("query", "key", "value"))
    scores = np.einsum("bqnd,bknd->bnqk", query, key) / math.sqrt(3) + bias
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    return dense("output", np.einsum("bnqk,bknd->bqnd", shares, value).reshape(2, 4, 6))


def norm(x, w, name):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-3) * w[f"{name}/gamma"] + w[f"{name}/beta"]


def layer_by_hand(x, w, bias):
    x = norm(x + attention_by_hand(x, w, bias, "attention/"), w, "attention_layer_norm")
    inner = x @ w["intermediate/kernel"] + w["intermediate/bias"]
    inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
    return norm(x + inner @ w["output/kernel"] + w["output/bias"], w, "output_layer_norm")


def test_attention():
    layer, bias = filled(SelfAttention(CONFIG, name="attention")), np.asarray(attention_bias(MASK))
    found = np.asarray(layer(X.reshape(8, 6), bias)).reshape(2, 4, 6)
    np.testing.assert_allclose(found, attention_by_hand(X, weights_of(layer), bias), atol=1e-4)


def test_a_layer():
    layer, bias = filled(EncoderLayer(CONFIG, name="layer_0")), np.asarray(attention_bias(MASK))
    found = np.asarray(layer(X.reshape(8, 6), bias)).reshape(2, 4, 6)
    np.testing.assert_allclose(found, layer_by_hand(X, weights_of(layer), bias), atol=1e-4)


@pytest.mark.parametrize("shared", [False, True])
def test_the_layers_follow_each_other(shared):
    config = BertConfig(**{**CONFIG.to_dict(), "share_layers": shared})
    encoder, bias = filled(Encoder(config, name="encoder")), np.asarray(attention_bias(MASK))
    assert [layer.name for layer in encoder.layers] == (["layer_0"] if shared else ["layer_0", "layer_1", "layer_2"])
    wanted, outputs = X, [np.asarray(output).reshape(X.shape) for output in encoder.layer_outputs(X, bias)]
    np.testing.assert_array_equal(outputs[0], X)
    for depth in range(3):
        layer = encoder.layers[0 if shared else depth]
        weights = {v.path.split("/", 2)[2]: np.asarray(v, np.float64) for v in layer.trainable_variables}
        wanted = layer_by_hand(wanted, weights, bias)
        np.testing.assert_allclose(outputs[depth + 1], wanted, atol=2e-4)
    np.testing.assert_allclose(np.asarray(encoder(X, bias)), wanted, atol=2e-4)
