import keras
import numpy as np

from trainer.model.bert_encoder import BertEncoder
from trainer.model.config import BertConfig
from trainer.model.encoder_with_heads import build_with_heads

CONFIG = BertConfig(
    vocab_size=300,
    hidden_size=8,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=12,
    initializer_range=0.5,
)
INPUTS = {name: np.ones((2, 3), np.int32) for name in ("input_ids", "input_mask", "segment_ids")}


def outputs(encoder, heads, inputs, training):
    return {"scores": heads["scores"](encoder.pooled_output(encoder.sequence_output(inputs, training)))}


def build(seed=0):
    return build_with_heads(BertEncoder(CONFIG), {"scores": keras.layers.Dense(5, name="scores")}, outputs, seed)


def test_heads_stand_beside_the_encoder_under_their_names():
    model = build()
    names = [variable.path for variable in model.trainable_variables]
    assert names[0] == "bert/embeddings/word_embeddings"
    assert {"bert/scores/bias", "bert/scores/kernel", "bert/pooler/kernel"} <= set(names)
    assert np.asarray(model(INPUTS)["scores"]).shape == (2, 5)


def test_weights_are_drawn_from_the_seed_and_biases_and_norms_are_plain():
    first, same, other = ({v.path: np.asarray(v) for v in build(seed).trainable_variables} for seed in (3, 3, 4))
    for path, value in first.items():
        np.testing.assert_array_equal(value, same[path])
        last = path.split("/")[-1]
        if last in ("beta", "bias"):
            assert not value.any()
        elif last == "gamma":
            assert (value == 1).all()
        else:
            assert (value != other[path]).all()
            assert np.abs(value).max() <= 2 * 0.5 + 1e-6


def test_the_width_of_the_draws_is_the_configs():
    table = np.asarray(build().trainable_variables[0])
    assert abs(table.std() - 0.5 * 0.8796) < 0.02  # of a normal distribution that is cut at two deviations
