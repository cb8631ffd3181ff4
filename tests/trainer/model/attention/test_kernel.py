import pytest

from beam_jobs.errors import UserError
from trainer.model.attention.kernel import EINSUM, choose_kernel
from trainer.model.config import BertConfig

BASE = BertConfig(100)
ODD = BertConfig(100, hidden_size=240, num_attention_heads=12)  # heads of 20


@pytest.mark.parametrize(("platform", "known"), [("tpu", "tpu"), ("gpu", "gpu"), ("cuda", "gpu")])
def test_auto_takes_the_kernels_of_a_device_that_has_some(platform, known):
    mesh = object()
    chosen = choose_kernel("auto", platform, BASE, mesh)
    assert (chosen.platform, chosen.interpret, chosen.mesh) == (known, False, mesh)
    assert str(chosen) == f"fused ({known})"
    assert choose_kernel("einsum", platform, BASE) == EINSUM


@pytest.mark.parametrize("platform", ["cpu", "", "rocm"])
def test_auto_takes_the_einsums_elsewhere(platform):
    assert choose_kernel("auto", platform, BASE) == EINSUM
    assert str(EINSUM) == "einsum"


@pytest.mark.parametrize("platform", ["tpu", "gpu"])
def test_auto_takes_the_einsums_for_heads_that_the_kernels_do_not_take(platform):
    assert choose_kernel("auto", platform, ODD) == EINSUM


@pytest.mark.parametrize("kind", ["TPU v2", "TPU v3", "TPU v3 core", "Tesla V100-SXM2-16GB", "Tesla T4"])
def test_auto_takes_the_einsums_on_devices_without_bfloat16_in_kernels(kind):
    platform = "tpu" if kind.startswith("TPU") else "gpu"
    assert choose_kernel("auto", platform, BASE, device_kind=kind) == EINSUM
    with pytest.raises(UserError, match=f"kernels for a {kind} do not take"):
        choose_kernel("fused", platform, BASE, device_kind=kind)


@pytest.mark.parametrize(
    "kind", ["TPU v4", "TPU v5 lite", "TPU v5", "TPU v6 lite", "NVIDIA H100 80GB HBM3", "NVIDIA A100-SXM4-40GB"]
)
def test_auto_takes_the_kernels_on_newer_devices(kind):
    platform = "tpu" if kind.startswith("TPU") else "gpu"
    assert choose_kernel("auto", platform, BASE, device_kind=kind).platform == platform


def test_fused_is_refused_where_it_cannot_be_had():
    with pytest.raises(UserError, match=r'"fused", which needs a TPU or a GPU with JAX \(this is cpu\)'):
        choose_kernel("fused", "cpu", BASE)
    with pytest.raises(UserError, match="do not take 12 heads of 20"):
        choose_kernel("fused", "tpu", ODD)
