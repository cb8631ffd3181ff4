import math

import numpy as np

from trainer.model.config import BertConfig
from trainer.model.heads import MaskedLanguageModelHead, NextSentenceHead, gather_positions

CONFIG = BertConfig(vocab_size=9, hidden_size=6, num_attention_heads=2, layer_norm_eps=1e-3, hidden_act="gelu_new")
SEQUENCE = np.random.default_rng(1).standard_normal((2, 4, 6)).astype(np.float32)
POSITIONS = np.array([[3, 0], [1, 1]], np.int32)


def filled(layer):
    layer.build()
    draws = np.random.default_rng(2)
    for variable in layer.trainable_variables:
        variable.assign(draws.standard_normal(variable.shape).astype(np.float32))
    return layer, {v.path.split("/", 1)[1]: np.asarray(v, np.float64) for v in layer.trainable_variables}


def test_rows_at_positions():
    found = np.asarray(gather_positions(SEQUENCE, POSITIONS))
    assert found.tolist() == [SEQUENCE[0, [3, 0]].tolist(), SEQUENCE[1, [1, 1]].tolist()]


def test_masked_words_are_read_off_the_word_table():
    head, w = filled(MaskedLanguageModelHead(CONFIG, name="masked_lm"))
    table = np.random.default_rng(3).standard_normal((9, 6)).astype(np.float32)
    assert {name: value.shape for name, value in w.items()} == {
        "bias": (9,),
        "transform/kernel": (6, 6),
        "transform/bias": (6,),
        "layer_norm/gamma": (6,),
        "layer_norm/beta": (6,),
    }
    x = SEQUENCE[np.arange(2)[:, None], POSITIONS] @ w["transform/kernel"] + w["transform/bias"]
    x = 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-3) * w["layer_norm/gamma"] + w["layer_norm/beta"]
    np.testing.assert_allclose(np.asarray(head(SEQUENCE, POSITIONS, table)), x @ table.T + w["bias"], atol=1e-4)


def test_with_labels_it_gives_their_losses_instead_of_logits():
    head, _ = filled(MaskedLanguageModelHead(CONFIG, name="masked_lm"))
    table = np.random.default_rng(3).standard_normal((9, 6)).astype(np.float32)
    logits = np.asarray(head(SEQUENCE, POSITIONS, table), np.float64)
    labels = np.array([[0, 8], [logits[1, 0].argmax(), 4]], np.int32)
    loss, correct = head(SEQUENCE, POSITIONS, table, labels)
    expected = np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, labels[..., None], -1)[..., 0]
    np.testing.assert_allclose(np.asarray(loss), expected, rtol=1e-5)
    np.testing.assert_array_equal(np.asarray(correct), logits.argmax(-1) == labels)


def test_a_factorised_head_is_as_wide_as_the_table():
    config = BertConfig(**{**CONFIG.to_dict(), "embedding_size": 4})
    head, w = filled(MaskedLanguageModelHead(config, name="masked_lm"))
    assert w["transform/kernel"].shape == (6, 4)
    assert np.asarray(head(SEQUENCE, POSITIONS, np.zeros((9, 4), np.float32))).shape == (2, 2, 9)


def test_the_second_segment_has_two_logits_in_float32():
    head, w = filled(NextSentenceHead(CONFIG, dtype="mixed_bfloat16", name="next_sentence"))
    found = head(SEQUENCE[:, 0])
    assert found.dtype == "float32"
    np.testing.assert_allclose(
        np.asarray(found), SEQUENCE[:, 0] @ w["classifier/kernel"] + w["classifier/bias"], atol=1e-5
    )
    assert np.asarray(head(SEQUENCE)).shape == (2, 4, 2)
