import numpy as np
import pytest

from trainer.model.bert_encoder import BertEncoder
from trainer.model.config import BertConfig

CONFIG = BertConfig(
    vocab_size=20,
    hidden_size=8,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=12,
    max_position_embeddings=6,
)
INPUTS = {
    "input_ids": np.array([[1, 2, 3, 0]], np.int32),
    "input_mask": np.array([[1, 1, 1, 0]], np.int32),
    "segment_ids": np.array([[0, 0, 1, 0]], np.int32),
}


def built(**options):
    encoder = BertEncoder(CONFIG, **options)
    encoder.build()
    draws = np.random.default_rng(0)
    for variable in encoder.trainable_variables:
        variable.assign(draws.standard_normal(variable.shape).astype(np.float32))
    return encoder


def test_the_pooler_is_tanh_of_the_first_piece():
    encoder = built()
    sequence = np.asarray(encoder.sequence_output(INPUTS))
    assert sequence.shape == (1, 4, 8)
    kernel, bias = (np.asarray(v) for v in encoder.pooler.trainable_variables)
    wanted = np.tanh(sequence[:, 0] @ kernel + bias)
    np.testing.assert_allclose(np.asarray(encoder.pooled_output(sequence)), wanted, atol=1e-5)
    many = np.asarray(encoder.pooled_output(sequence, np.array([[2, 0]], np.int32)))
    np.testing.assert_allclose(many[0, 1], wanted[0], atol=1e-5)
    np.testing.assert_allclose(many[0, 0], np.tanh(sequence[0, 2] @ kernel + bias), atol=1e-5)


def test_it_can_be_built_without_a_pooler():
    encoder = built(pooler=False)
    assert not any("pooler" in variable.path for variable in encoder.trainable_variables)
    with pytest.raises(AssertionError, match="without a pooler"):
        encoder.pooled_output(np.zeros((1, 4, 8), np.float32))


def test_paths_begin_with_bert_and_the_seed_is_the_only_other_state():
    encoder = built()
    assert {variable.path.split("/")[0] for variable in encoder.trainable_variables} == {"bert"}
    assert len(encoder.non_trainable_variables) == 1


def test_dropout_only_in_training_and_another_at_every_call():
    encoder = built()
    plain = [np.asarray(encoder(INPUTS)) for _ in range(2)]
    dropped = [np.asarray(encoder(INPUTS, training=True)) for _ in range(2)]
    np.testing.assert_array_equal(*plain)
    assert (dropped[0] != dropped[1]).any()


def test_dropout_follows_the_place_of_a_row_in_the_global_batch():
    two = {name: np.repeat(value, 2, axis=0) for name, value in INPUTS.items()}

    def dropped(inputs, **more):
        encoder = built()
        return np.asarray(encoder({**inputs, **more}, training=True))

    whole = dropped(two)
    assert (whole[0] != whole[1]).any()
    np.testing.assert_allclose(dropped(INPUTS, row_ids=np.array([1], np.uint32))[0], whole[1], atol=1e-6)
    np.testing.assert_array_equal(dropped(two, row_ids=np.array([0, 1], np.uint32)), whole)


def test_the_output_is_in_the_compute_dtype():
    assert built(compute_dtype="bfloat16").sequence_output(INPUTS).dtype == "bfloat16"


def test_hidden_states_are_the_embeddings_and_every_layer():
    encoder = built()
    states = [np.asarray(state) for state in encoder.hidden_states(INPUTS)]
    assert [state.shape for state in states] == [(1, 4, 8)] * 3
    np.testing.assert_array_equal(states[-1], np.asarray(encoder.sequence_output(INPUTS)))
    embedded = encoder.embeddings(INPUTS["input_ids"], INPUTS["segment_ids"])
    np.testing.assert_array_equal(states[0], np.asarray(embedded))
