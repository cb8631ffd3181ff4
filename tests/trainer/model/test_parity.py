"""Our model against transformers' BertForPreTraining in float64 (golden file), on both backends."""

import numpy as np
import pytest

from trainer.model.attention.kernel import EINSUM, AttentionKernel

TOLERANCE = 1e-5


def relative(found, expected):
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


def assert_golden(golden, form, logits, fingerprints):
    for head in ("mlm_logits", "nsp_logits"):
        expected = golden[f"{form}:{head}"]
        assert np.abs(logits[head] - expected).max() <= TOLERANCE * np.abs(expected).max()
    expected = golden[f"{form}:gradients"]
    assert fingerprints.shape == expected.shape
    norms = expected[:, 0]
    # The gradient of the keys' bias is 0 in exact arithmetic, because softmax does not change under a shift.
    scale = np.maximum(norms, 1e-2 * norms.max())
    assert (np.abs(fingerprints - expected) / scale[:, None]).max() <= TOLERANCE


@pytest.mark.parametrize("form", ["gelu", "gelu_new"])
def test_jax_gives_the_logits_and_gradients_of_transformers(golden_case, golden, form):
    logits, gradients = golden_case.logits_and_gradients(golden_case.build(form))
    assert_golden(golden, form, logits, np.stack(list(golden_case.fingerprints(gradients).values())))


@pytest.mark.parametrize("form", ["gelu", "gelu_new"])
def test_tensorflow_gives_the_logits_and_gradients_of_transformers(golden, on_tensorflow, form):
    logits = {head: on_tensorflow[f"{form}:{head}"] for head in ("mlm_logits", "nsp_logits")}
    assert_golden(golden, form, logits, on_tensorflow[f"{form}:gradients"])


def test_the_case_can_tell_the_two_forms_of_gelu_apart(golden):
    assert relative(golden["gelu:mlm_logits"], golden["gelu_new:mlm_logits"]) > 20 * TOLERANCE
    norms, others = golden["gelu:gradients"][:, 0], golden["gelu_new:gradients"][:, 0]
    assert np.median(np.abs(norms - others) / norms) > 20 * TOLERANCE


def test_dropout_is_the_same_on_both_backends(golden_case, on_tensorflow):
    rates = {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
    logits, gradients = golden_case.logits_and_gradients(golden_case.build("gelu", changes=rates), training=True)
    assert relative(on_tensorflow["dropout:mlm_logits"], logits["mlm_logits"]) <= TOLERANCE
    fingerprints = np.stack(list(golden_case.fingerprints(gradients).values()))
    assert relative(on_tensorflow["dropout:gradients"], fingerprints) <= TOLERANCE
    still = golden_case.logits_and_gradients(golden_case.build("gelu", changes=rates))[0]
    assert relative(still["mlm_logits"], logits["mlm_logits"]) > 0.01  # dropout did something


def test_rematerialisation_changes_nothing_on_tensorflow(on_tensorflow):
    assert relative(on_tensorflow["rematerialised:mlm_logits"], on_tensorflow["dropout:mlm_logits"]) <= TOLERANCE
    assert relative(on_tensorflow["rematerialised:gradients"], on_tensorflow["dropout:gradients"]) <= TOLERANCE


def test_rematerialisation_changes_nothing_on_jax(golden_case):
    rates = {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
    runs = [
        golden_case.logits_and_gradients(golden_case.build("gelu", changes=rates, rematerialise=again), training=True)
        for again in (False, True)
    ]
    (logits, gradients), (again_logits, again_gradients) = runs
    assert relative(again_logits["mlm_logits"], logits["mlm_logits"]) <= TOLERANCE
    for name, gradient in gradients.items():
        assert np.abs(again_gradients[name] - gradient).max() <= TOLERANCE * max(np.abs(gradient).max(), 1e-3), name


@pytest.mark.parametrize("rematerialise", [False, True])
def test_fused_attention_changes_nothing(golden_case, rematerialise):
    changes = {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "num_attention_heads": 2}
    (logits, gradients), (fused_logits, fused_gradients) = (
        golden_case.logits_and_gradients(
            golden_case.build("gelu", changes=changes, attention=kernel, rematerialise=rematerialise), training=True
        )
        for kernel in (EINSUM, AttentionKernel("gpu", interpret=True))
    )
    assert relative(fused_logits["mlm_logits"], logits["mlm_logits"]) <= TOLERANCE
    for name, gradient in gradients.items():
        assert np.abs(fused_gradients[name] - gradient).max() <= TOLERANCE * max(np.abs(gradient).max(), 1e-2), name


def test_bfloat16_stays_close(golden_case, golden):
    logits, gradients = golden_case.logits_and_gradients(golden_case.build("gelu", compute_dtype="bfloat16"))
    assert 1e-4 < relative(logits["mlm_logits"], golden["gelu:mlm_logits"]) < 0.03
    fingerprints = np.stack(list(golden_case.fingerprints(gradients).values()))
    norms = golden["gelu:gradients"][:, 0]
    large = norms > 1e-2 * norms.max()
    assert large.sum() > 20
    assert np.abs(fingerprints[large, 0] / norms[large] - 1).max() < 0.05
