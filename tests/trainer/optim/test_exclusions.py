import keras
import pytest

from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from trainer.model.size import parameter_count, pretraining_heads
from trainer.optim.exclusions import describe, rules_by_layer_type

CONFIG = BertConfig(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)


def test_every_variable_of_bert_has_the_rule_of_its_layer():
    model = build_pretrainer(CONFIG)
    rules = rules_by_layer_type(model)
    assert list(rules) == [variable.path for variable in model.trainable_variables]
    for path, rule in rules.items():
        last = path.split("/")[-1]
        wanted = {"gamma": "normalisation", "beta": "normalisation", "bias": "bias"}.get(last, "weight")
        assert rule.reason == wanted, path
        assert rule.decayed == rule.adapted == (wanted == "weight")
    assert {path.split("/")[-1] for path, rule in rules.items() if rule.reason == "weight"} == {
        "kernel",
        "word_embeddings",
        "position_embeddings",
        "token_type_embeddings",
    }


def test_names_do_not_decide():
    layers = [
        keras.layers.Dense(4, name="LayerNorm_lookalike"),
        keras.layers.LayerNormalization(name="kernel_lookalike"),
    ]
    model = keras.Sequential([keras.Input((4,)), *layers])
    assert [rule.reason for rule in rules_by_layer_type(model).values()] == [
        "weight",
        "bias",
        "normalisation",
        "normalisation",
    ]


def test_an_unknown_vector_is_an_error():
    class Scale(keras.layers.Layer):
        def build(self, shape):
            self.scale = self.add_weight(name="scale", shape=(shape[-1],))

        def call(self, x):
            return x * self.scale

    model = keras.Sequential([keras.Input((4,)), Scale()])
    with pytest.raises(ValueError, match="neither normalisation nor bias"):
        rules_by_layer_type(model)


def test_the_log_counts_every_group():
    model = build_pretrainer(CONFIG)
    sizes = {variable.path: variable.value.size for variable in model.trainable_variables}
    lines = list(describe(rules_by_layer_type(model), sizes))
    assert [line.split(":")[0] for line in lines] == ["weight", "normalisation", "bias"]
    counted = sum(int(line.split(" variables, ")[1].split(" ")[0].replace(",", "")) for line in lines)
    assert counted == parameter_count(CONFIG, pretraining_heads(CONFIG))
    assert "word_embeddings" in lines[0]
    assert "neither decayed nor adapted" in lines[1]
