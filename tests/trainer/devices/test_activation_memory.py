import pytest

from trainer.devices.activation_memory import activation_bytes, logit_bytes
from trainer.model.config import BertConfig
from trainer.plans.settings import ModelSettings

BASE = BertConfig(vocab_size=30_522)
HIDDEN, INNER, HEADS, LAYERS = 768, 3072, 12, 12


def kept(platform="tpu", length=128, **model):
    return activation_bytes(BASE, ModelSettings(**model), platform, length)


@pytest.mark.parametrize("platform", ["tpu", "gpu"])
def test_the_kernels_of_attention_keep_no_array_of_scores(platform):
    """So four times the length needs four times the memory; with the einsums it needs more."""
    assert kept(platform, 512) == 4 * kept(platform, 128)
    scores = kept(platform, 512, attention="einsum") - kept(platform, 512)
    assert scores == LAYERS * 512 * HEADS * (512 * (4 + 2) - 4)


def test_no_platform_has_kernels_for_heads_of_any_size():
    odd = BertConfig(vocab_size=100, hidden_size=60, num_attention_heads=5, intermediate_size=240)
    bytes_of = [activation_bytes(odd, ModelSettings(), "tpu", length) for length in (128, 512)]
    assert bytes_of[1] > 4 * bytes_of[0]


def test_a_tpu_v3_keeps_the_scores_because_it_has_no_kernels():
    def four_times(kind):
        short, long = (activation_bytes(BASE, ModelSettings(), "tpu", length, kind) for length in (128, 512))
        return long == 4 * short

    assert four_times("TPU v5e")
    assert not four_times("TPU v3")


def test_what_a_layer_keeps():
    """Counted in a compiled step; the embeddings keep their normalised rows and their output."""
    embeddings = 128 * HIDDEN * (4 + 2)
    logarithms = LAYERS * 128 * 4 * HEADS
    layer = 128 * (2 * (7 * HIDDEN + 2 * INNER) + 4 * HIDDEN)
    assert kept("gpu") == embeddings + logarithms + LAYERS * layer
    assert kept("tpu") == kept("gpu") + LAYERS * 128 * 10 * HIDDEN
    assert kept("") > kept("gpu")  # a CPU has no kernels of attention


def test_rematerialisation_keeps_the_input_of_each_layer_and_one_layer():
    embeddings, layer = 128 * HIDDEN * (4 + 2), 128 * (4 * HEADS + 2 * (7 * HIDDEN + 2 * INNER) + 14 * HIDDEN)
    assert kept(rematerialise=True) == embeddings + LAYERS * 128 * HIDDEN * 2 + layer


def test_a_tpu_holds_blocks_of_logits_and_others_all_of_them():
    wide, narrow = ModelSettings(compute_dtype="float32"), ModelSettings(compute_dtype="bfloat16")
    assert logit_bytes(10**9, narrow, "tpu") < 10**8
    assert logit_bytes(10**6, narrow, "tpu") == 10**6
    assert logit_bytes(10**9, wide, "gpu") == 10**9  # the gradient takes the place of the logits
    assert logit_bytes(10**9, narrow, "gpu") == 1.5e9
