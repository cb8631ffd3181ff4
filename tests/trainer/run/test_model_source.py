import json

import pytest

from beam_jobs.errors import UserError
from beam_jobs.records import Manifest
from trainer.data.corpus_folder import CorpusFolder
from trainer.plans.settings import ModelSettings
from trainer.run.model_source import model_source
from vocab.model_class import BERT_BASE_CONFIG


@pytest.fixture
def own_class(tmp_path):
    """A model class of 30 pieces; with `rows`, its word table is padded."""

    def write(rows=30):
        content = {
            "name": "mine",
            "lower_case": True,
            "vocab_size": 30,
            "vocab_uri": "vocab.txt",
            "config": {**BERT_BASE_CONFIG, "vocab_size": rows, "num_hidden_layers": 3},
            "vocab_sha256": "a" * 64,
        }
        (tmp_path / "mine.json").write_text(json.dumps(content))
        return str(tmp_path / "mine.json")

    return write


def data(**vocabulary):
    entry = {"file": "vocab.txt", "size": 30, "sha256": "b" * 64, "lower_case": False, **vocabulary}
    return [CorpusFolder("data", Manifest("instances", "h", {}, (), entry))]


def test_a_class_that_the_plan_names(own_class):
    found = model_source(ModelSettings(own_class(), {"hidden_size": 24}), data())
    assert (found.name, found.lower_case, found.vocab_sha256) == ("mine", True, "a" * 64)
    assert (found.config.num_hidden_layers, found.config.hidden_size, found.config.vocab_size) == (3, 24, 30)
    assert (found.pieces, found.vocabulary_size) == (0, 30)


def test_a_padded_word_table_has_fewer_pieces_than_rows(own_class):
    found = model_source(ModelSettings(own_class(32)), [])
    assert (found.config.vocab_size, found.pieces, found.vocabulary_size) == (32, 30, 30)


def test_the_class_of_the_data(own_class):
    found = model_source(ModelSettings(), data(model_class=own_class()))
    assert (found.lower_case, found.vocab_sha256) == (False, "b" * 64)  # of the manifest, not of the class
    assert found.config.num_hidden_layers == 3


def test_data_of_a_class_that_is_not_here_gets_bert_base():
    found = model_source(ModelSettings(config={"hidden_size": 24}), data(model_class="gone.json"))
    assert (found.config.num_hidden_layers, found.config.hidden_size, found.config.vocab_size) == (12, 24, 30)


def test_without_data_a_size_must_be_given_or_assumed():
    with pytest.raises(UserError, match="name --data, or --model_class"):
        model_source(ModelSettings(), [])
    found = model_source(ModelSettings(), [], assumed_pieces=1000)
    assert (found.name, found.config.vocab_size) == ("the data's model class (assuming 1,000 pieces)", 1000)
    found = model_source(ModelSettings(config={"vocab_size": 50}), [CorpusFolder("data", None)])
    assert (found.name, found.config.vocab_size, found.lower_case) == ("the data's model class", 50, None)
