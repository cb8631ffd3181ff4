import dataclasses

import numpy as np
import pytest

from beam_jobs.errors import UserError
from trainer.export.weight_map import ImportedModel, assign_weights, read_weights, weight_shapes
from trainer.model.bert import build_pretrainer


def test_the_map_lists_exactly_the_models_weights(config, albert, model):
    for each, built in ((config, model), (albert, build_pretrainer(albert))):
        made = {variable.path.split("/", 1)[1]: tuple(variable.shape) for variable in built.trainable_variables}
        assert list(weight_shapes(each).items()) == list(made.items())


def test_weights_survive_being_read_and_assigned(config, model, same_weights):
    other = build_pretrainer(config, seed=9)
    imported = ImportedModel(config, read_weights(model), "test", "there")
    assign_weights(other, imported)
    same_weights(other, imported)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_hidden_layers": 3}, "encoder/layer_2/attention/query/kernel is missing there"),
        ({"num_hidden_layers": 1}, "encoder/layer_1/attention/query/kernel is not of this model"),
        ({"vocab_size": 64}, r"embeddings/word_embeddings \(64, 32\) here, \(\d+, 32\) there"),
    ],
)
def test_weights_of_another_network_are_refused(config, model, change, message):
    imported = ImportedModel(config, read_weights(model), "test", "there")
    with pytest.raises(UserError, match=message):
        assign_weights(build_pretrainer(dataclasses.replace(config, **change)), imported)


def test_what_was_allowed_to_be_missing_stays_as_initialised(config, model):
    weights = read_weights(model)
    heads = tuple(name for name in weights if name.startswith("next_sentence"))
    left = {name: value for name, value in weights.items() if name not in heads}
    other = build_pretrainer(config, seed=9)
    before = read_weights(other)
    imported = ImportedModel(config, left, "test", "there", initialised=heads)
    assign_weights(other, imported)
    after = read_weights(other)
    assert heads
    for name, value in after.items():
        np.testing.assert_array_equal(value, before[name] if name in heads else weights[name])
    assert "left as initialised: next_sentence/classifier/kernel" in imported.describe()
