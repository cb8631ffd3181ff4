import numpy as np
import pytest

from trainer.model.config import BertConfig
from trainer.model.embeddings import Embeddings

CONFIG = {
    "vocab_size": 7,
    "hidden_size": 6,
    "num_attention_heads": 2,
    "max_position_embeddings": 5,
    "type_vocab_size": 3,
}
IDS = np.array([[1, 4, 6], [0, 2, 2]], np.int32)
SEGMENTS = np.array([[0, 1, 2], [0, 0, 1]], np.int32)


def made(dtype="float32", **changes):
    layer = Embeddings(BertConfig(**{**CONFIG, **changes}), dtype=dtype, name="embeddings")
    layer.build()
    draws = np.random.default_rng(2)
    for variable in layer.trainable_variables:
        variable.assign(draws.standard_normal(variable.shape).astype(np.float32))
    return layer


def by_hand(layer, positions):
    word, position, segment, gamma, beta = (np.asarray(v) for v in layer.trainable_variables[:5])
    x = word[IDS] + position[positions] + segment[SEGMENTS]
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-12) * gamma + beta


def test_tables_have_these_names_and_shapes():
    named = {v.path.split("/", 1)[1]: tuple(v.shape) for v in made().trainable_variables}
    assert named == {
        "word_embeddings": (7, 6),
        "position_embeddings": (5, 6),
        "token_type_embeddings": (3, 6),
        "layer_norm/gamma": (6,),
        "layer_norm/beta": (6,),
    }


def test_rows_of_three_tables_are_summed_and_normalised():
    layer = made()
    np.testing.assert_allclose(np.asarray(layer(IDS, SEGMENTS)), by_hand(layer, np.arange(3)), atol=1e-5)


def test_positions_may_be_given():
    layer, positions = made(), np.array([[4, 0, 1], [2, 2, 3]], np.int32)
    found = np.asarray(layer(IDS, SEGMENTS, positions))
    np.testing.assert_allclose(found, by_hand(layer, positions), atol=1e-5)


def test_a_factorised_table_is_projected_afterwards():
    layer = made(embedding_size=4)
    kernel, bias = (np.asarray(v) for v in layer.trainable_variables[5:])
    assert kernel.shape == (4, 6)
    np.testing.assert_allclose(
        np.asarray(layer(IDS, SEGMENTS)), by_hand(layer, np.arange(3)) @ kernel + bias, atol=1e-5
    )


@pytest.mark.parametrize("rate", [0.0, 0.5])
def test_dropout_needs_a_key(rate):
    layer, key, rows = made(hidden_dropout_prob=rate), np.array([1, 2], np.uint32), np.arange(2, dtype=np.uint32)
    plain, dropped = np.asarray(layer(IDS, SEGMENTS)), np.asarray(layer(IDS, SEGMENTS, None, key, rows))
    kept = dropped != 0
    assert kept.all() == (rate == 0.0)
    np.testing.assert_allclose(dropped[kept], plain[kept] / (1 - rate), rtol=1e-5)


def test_the_output_alone_is_in_the_compute_dtype():
    layer = made("mixed_bfloat16")
    assert layer(IDS, SEGMENTS).dtype == "bfloat16"
    assert {str(variable.dtype) for variable in layer.trainable_variables} == {"float32"}
