import dataclasses

import pytest

from beam_jobs.errors import UserError
from trainer.model.config import BertConfig


def test_a_config_survives_its_dictionary():
    config = BertConfig(vocab_size=100, embedding_size=16, share_layers=True, hidden_act="gelu_new")
    assert BertConfig.from_dict(config.to_dict()) == config


def test_albert_configs_say_whether_layers_are_shared():
    albert = {"model_type": "albert", "vocab_size": 100, "num_hidden_layers": 12, "hidden_act": "gelu_new"}
    assert BertConfig.from_dict(albert).share_layers
    assert BertConfig.from_dict(albert).embedding_size == 128
    assert not BertConfig.from_dict({**albert, "num_hidden_groups": 12}).share_layers
    with pytest.raises(UserError, match="num_hidden_groups is 3"):
        BertConfig.from_dict({**albert, "num_hidden_groups": 3})


def test_both_names_of_the_tanh_form_are_known():
    assert BertConfig.from_dict({"vocab_size": 9, "hidden_act": "gelu_pytorch_tanh"}).hidden_act == "gelu_new"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": 30}, "hidden_size 30 must be a multiple of num_attention_heads 12"),
        ({"hidden_act": "relu"}, "hidden_act 'relu' must be 'gelu'"),
        ({"vocab_size": 0}, "vocab_size is 0"),
        ({"num_hidden_layers": 2.5}, "num_hidden_layers is 2.5"),
        ({"embedding_size": -1}, "embedding_size is -1"),
        ({"hidden_dropout_prob": 1.0}, "hidden_dropout_prob is 1.0"),
        ({"layer_norm_eps": 0}, "layer_norm_eps is 0"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type is 'relative_key'"),
        ({"is_decoder": True}, "is_decoder is True"),
        ({"model_type": "electra"}, "model_type is 'electra'"),
    ],
)
def test_a_config_that_is_no_bert_is_refused_with_its_key(change, message):
    with pytest.raises(UserError, match=message) as raised:
        BertConfig.from_dict({"vocab_size": 100, **change}, "some/config.json")
    assert str(raised.value).startswith("some/config.json: ")
    assert "\n" not in str(raised.value)


def test_vocab_size_is_required():
    with pytest.raises(UserError, match="vocab_size is missing"):
        BertConfig.from_dict({"hidden_size": 768})


def test_every_field_is_checked():
    unchecked = {"hidden_act", "share_layers", "initializer_range", "layer_norm_eps"} | {
        "hidden_dropout_prob",
        "attention_probs_dropout_prob",
    }
    for field in dataclasses.fields(BertConfig):
        if field.name not in unchecked:
            with pytest.raises(UserError, match=field.name):
                dataclasses.replace(BertConfig(vocab_size=100), **{field.name: "many"}).validate()


def test_config_files_have_no_key_for_the_usual_two_labels():
    config = BertConfig(vocab_size=9)
    assert "next_sentence_labels" not in config.to_dict()
    three = dataclasses.replace(config, next_sentence_labels=3)
    assert three.to_dict() == {**config.to_dict(), "next_sentence_labels": 3}
    assert BertConfig.from_dict(three.to_dict()) == three
