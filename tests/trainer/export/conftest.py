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
    "##本",
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
def roberta(config):
    return dataclasses.replace(
        config, model_type="roberta", hidden_act="gelu", max_position_embeddings=42, type_vocab_size=1
    )


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


@pytest.fixture(scope="session")
def pretraining_case(config):
    """Inputs and labels of a small batch: int32, weights float32."""
    from trainer.export.parity import probe_batch

    case = probe_batch(config, batch=3, length=24, predictions=4)
    case["input_ids"] = np.maximum(case["input_ids"], case["input_mask"])  # torch gives [PAD] no gradient
    draws = np.random.default_rng(1)
    case["masked_lm_ids"] = draws.integers(5, config.vocab_size, size=(3, 4)).astype(np.int32)
    case["masked_lm_weights"] = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0]], np.float32)
    case["next_sentence_labels"] = np.array([0, 1, 1], np.int32)
    return case


@pytest.fixture(scope="session")
def logits_and_gradients(pretraining_case):
    """Ours, on JAX: logits by head and the gradients of the pretraining loss by weight."""
    import jax
    import jax.numpy as jnp

    names = ("input_ids", "input_mask", "segment_ids", "masked_lm_positions")
    case = pretraining_case

    def compute(model):
        state = [variable.value for variable in model.non_trainable_variables]

        def loss(values):
            outputs, _ = model.stateless_call(values, state, {name: case[name] for name in names}, training=False)
            scores = jax.nn.log_softmax(outputs["mlm_logits"])
            masked = jnp.take_along_axis(scores, case["masked_lm_ids"][..., None], -1)[..., 0]
            weights = case["masked_lm_weights"]
            following = jax.nn.log_softmax(outputs["nsp_logits"])[jnp.arange(3), case["next_sentence_labels"]]
            return -(masked * weights).sum() / weights.sum() - following.mean(), outputs

        values = [variable.value for variable in model.trainable_variables]
        (_, outputs), gradients = jax.jit(jax.value_and_grad(loss, has_aux=True))(values)
        paths = [variable.path.split("/", 1)[1] for variable in model.trainable_variables]
        return (
            {name: np.asarray(value) for name, value in outputs.items()},
            {path: np.asarray(gradient) for path, gradient in zip(paths, gradients, strict=True)},
        )

    return compute


@pytest.fixture(scope="session")
def assert_parity():
    """Logits within 1e-5 of the largest, gradients within 1e-5 of each one's norm."""

    def check(ours, theirs):
        (logits, gradients), (their_logits, their_gradients) = ours, theirs
        for name, value in their_logits.items():
            assert np.abs(logits[name] - value).max() <= 1e-5 * np.abs(value).max(), name
        assert gradients.keys() == their_gradients.keys()
        norms = {name: float(np.linalg.norm(value)) for name, value in their_gradients.items()}
        floor = 1e-2 * max(norms.values())  # the gradient of the keys' bias is 0 in exact arithmetic
        for name, value in their_gradients.items():
            difference = np.linalg.norm(gradients[name] - value)
            assert difference <= 1e-5 * max(norms[name], floor), (name, difference, norms[name])

    return check
