import dataclasses

import numpy as np
import pytest

import trainer  # noqa: F401  chooses the backend, before any test imports Keras
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig

WORDS = [
    "the",
    "cat",
    "sat",
    "on",
    "mat",
    "under",
    "tree",
    "and",
    "saw",
    "bird",
    "blue",
    "small",
    "river",
    "stone",
    "light",
    "house",
]
PIECES = [
    "[PAD]",
    "[unused0]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *WORDS,
    *(f"##{word}" for word in WORDS[:8]),
    *"abcdefghijklmnopqrstuvwxyzåøé",
    *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyzåøé"),
    *".,!?«»-",
    *"TB日本",
]


@pytest.fixture(scope="session")
def vocabulary_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("vocabulary") / "vocab.txt"
    path.write_text("".join(f"{piece}\n" for piece in PIECES), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def config():
    return BertConfig(
        vocab_size=len(PIECES),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        hidden_act="gelu_new",
        max_position_embeddings=40,
    )


@pytest.fixture(scope="session")
def albert(config):
    return dataclasses.replace(config, embedding_size=16, share_layers=True)


@pytest.fixture(scope="session")
def scaled():
    """Build a model no weight of which is at a value that a mistake could hide behind."""

    def build(config, seed=0):
        draws = np.random.default_rng(seed)
        model = build_pretrainer(config)
        for variable in model.trainable_variables:
            value = draws.standard_normal(variable.shape) * 0.16
            variable.assign((value + (variable.name == "gamma")).astype(np.float32))
        return model

    return build


@pytest.fixture(scope="session")
def model(config, scaled):
    return scaled(config)


@pytest.fixture(scope="session")
def exported(model, config, vocabulary_file, tmp_path_factory):
    """A Hugging Face export of `model`; read-only."""
    from trainer.export.hugging_face import save_hugging_face

    folder = tmp_path_factory.mktemp("exports") / "tiny"
    save_hugging_face(model, config, vocabulary_file, False, folder, "# tiny\n")
    return folder


@pytest.fixture
def same_weights():
    from trainer.export.weight_map import read_weights

    def check(model, imported):
        expected = read_weights(model)
        assert imported.weights.keys() == expected.keys()
        for name, value in expected.items():
            np.testing.assert_array_equal(imported.weights[name], value, err_msg=name)
            assert imported.weights[name].dtype == np.float32

    return check
