import pytest

from beam_jobs.errors import UserError
from trainer.devices.memory import Need, choose_accumulation, estimate_memory
from trainer.model.config import BertConfig
from trainer.model.size import parameter_count, pretraining_heads
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate, ModelSettings

BASE = BertConfig(vocab_size=119_547)


def need(predictions=19, state_bytes=8, **model):
    return Need(BASE, ModelSettings(**model), pretraining_heads(BASE, predictions), state_bytes)


def phase(batch, accumulation=0, length=128):
    return Phase("p", length, batch, 10, LearningRate(1e-4), accumulation=accumulation)


def test_accumulation_is_as_little_as_memory_allows():
    usual = need()
    found = choose_accumulation(usual, phase(2760), 8, 16e9)
    assert 2760 % (8 * found) == 0
    assert estimate_memory(usual, phase(2760), found, 8).total <= 0.85 * 16e9
    fewer = [n for n in range(1, found) if 2760 % (8 * n) == 0]
    assert all(estimate_memory(usual, phase(2760), n, 8).total > 0.85 * 16e9 for n in fewer)
    assert choose_accumulation(usual, phase(2760), 8, 80e9) == 1
    assert choose_accumulation(usual, phase(2760), 8, None) == 1
    assert choose_accumulation(usual, phase(2760, accumulation=5), 8, 80e9) == 5
    assert choose_accumulation(usual, phase(2760, accumulation=5), 8, 80e9, given=3) == 3


@pytest.mark.parametrize(
    ("batch", "devices", "remedy"),
    [(2760, 7, "make it 2758 or 2765"), (4, 8, "make it 8"), (100, 3, "make it 99 or 102")],
)
def test_a_batch_that_devices_cannot_share_is_an_error_with_the_nearest_that_they_can(batch, devices, remedy):
    with pytest.raises(
        UserError, match=f"phase p: batch {batch} cannot be split evenly over {devices} devices: {remedy}"
    ):
        choose_accumulation(need(), phase(batch), devices, None)


def test_what_fits_nowhere_is_an_error_with_a_remedy():
    with pytest.raises(UserError, match="rematerialise = true"):
        choose_accumulation(need(77), phase(8, length=512), 8, 1e9)


def test_rematerialisation_and_bfloat16_need_less():
    usual = estimate_memory(need(), phase(64), 1, 1)
    assert estimate_memory(need(rematerialise=True), phase(64), 1, 1).activations < usual.activations / 4
    assert estimate_memory(need(compute_dtype="float32"), phase(64), 1, 1).total > usual.total
    assert usual.state == 12 * parameter_count(BASE, pretraining_heads(BASE))
    assert usual.head == 4 * 64 * 19 * BASE.vocab_size


def test_an_optimizer_with_a_smaller_state_needs_less():
    usual, smaller = (estimate_memory(need(state_bytes=size), phase(64), 1, 1) for size in (8, 1))
    parameters = parameter_count(BASE, pretraining_heads(BASE))
    assert usual.state - smaller.state == 7 * parameters
    assert usual.total - smaller.total == 7 * parameters


def test_sharded_moments_are_shared_by_the_devices():
    parameters = parameter_count(BASE, pretraining_heads(BASE))
    for devices, holders in ((1, 1), (8, 8), (64, 64), (1024, 1)):  # 1,024 devices do not divide 768
        found = estimate_memory(need(shard_moments=True), phase(1024 * 64), 1, devices)
        assert found.state == 4 * parameters + 8 * parameters // holders
        assert estimate_memory(need(), phase(1024 * 64), 1, devices).state == 12 * parameters


def test_a_gpu_keeps_the_masks_of_dropout():
    """One byte for each attention probability and for each element of two outputs, in every layer."""
    heads, masks = pretraining_heads(BASE), 12 * 64 * 128 * (12 * 128 + 2 * 768)
    gpu = Need(BASE, ModelSettings(), heads, 8, stored_masks=True)
    tpu = Need(BASE, ModelSettings(), heads, 8)
    assert estimate_memory(gpu, phase(64), 1, 1).total - estimate_memory(tpu, phase(64), 1, 1).total == masks


COMPILED = (  # by `trainer plan compile`, see docs/compiled.md: vocabulary, length, predictions, rows, micro batches, GPU, bytes
    (119_547, 128, 19, 115, 3, False, 11.05e9),
    (119_547, 512, 77, 16, 3, False, 9.60e9),
    (30_522, 128, 19, 256, 1, True, 23.06e9),
    (30_522, 128, 19, 256, 2, True, 23.54e9),
)


@pytest.mark.parametrize(("pieces", "length", "predictions", "rows", "micro_batches", "gpu", "compiled"), COMPILED)
def test_the_estimate_is_right_to_about_a_sixth(pieces, length, predictions, rows, micro_batches, gpu, compiled):
    config = BertConfig(vocab_size=pieces)
    wanted = Need(config, ModelSettings(), pretraining_heads(config, predictions), 8, stored_masks=gpu)
    found = estimate_memory(wanted, phase(rows * micro_batches, length=length), micro_batches, 1).total
    assert found == pytest.approx(compiled, rel=0.17)
