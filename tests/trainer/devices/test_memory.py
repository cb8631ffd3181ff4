import dataclasses

import pytest

from beam_jobs.errors import UserError
from trainer.devices.memory import Need, choose_accumulation, estimate_memory
from trainer.model.config import BertConfig
from trainer.model.size import parameter_count, pretraining_heads
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate, ModelSettings

BASE = BertConfig(vocab_size=119_547)


def need(predictions=19, state_bytes=8, platform="", **model):
    return Need(BASE, ModelSettings(**model), pretraining_heads(BASE, predictions), state_bytes, platform=platform)


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
    assert usual.head == (4 + 2) * 64 * 19 * BASE.vocab_size


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


def test_the_update_may_be_the_fullest_moment():
    """Where a large table meets few activations, the arrays of the optimizer count, and those of the forward pass do not."""
    few, many = (estimate_memory(need(platform="tpu"), phase(rows), 1, 1) for rows in (8, 512))
    parameters, table = parameter_count(BASE, pretraining_heads(BASE)), BASE.vocab_size * BASE.hidden_size
    assert few.update == many.update == 4 * (parameters + 3 * table)
    assert few.total == few.state + few.update
    assert many.total == many.state + many.gradients + many.activations + many.head


COMPILED = (  # by `trainer plan compile`, see docs/compiled.md:
    # vocabulary, length, predictions, layers, rows of a device, micro batches, devices, platform, bytes
    (30_522, 128, 19, 2, 256, 1, 1, "gpu", 3.55e9),
    (119_547, 128, 19, 1, 115, 3, 8, "tpu", 3.17e9),
    (119_547, 128, 19, 2, 64, 8, 64, "tpu", 3.34e9),
    (30_522, 128, 19, 12, 256, 1, 1, "gpu", 13.57e9),
    (30_522, 512, 77, 12, 256, 1, 1, "gpu", 49.71e9),
    (119_547, 128, 19, 12, 115, 3, 8, "tpu", 9.47e9),
    (119_547, 512, 77, 12, 48, 1, 8, "tpu", 14.10e9),
)


@pytest.mark.parametrize(
    ("pieces", "length", "predictions", "layers", "rows", "micro_batches", "devices", "platform", "compiled"), COMPILED
)
def test_the_estimate_is_that_of_the_compiler_to_15_percent(
    pieces, length, predictions, layers, rows, micro_batches, devices, platform, compiled
):
    config = BertConfig(vocab_size=pieces, num_hidden_layers=layers)
    wanted = Need(config, ModelSettings(), pretraining_heads(config, predictions), 8, platform=platform)
    batch = rows * micro_batches * devices
    found = estimate_memory(wanted, phase(batch, length=length), micro_batches, devices).total
    assert 0.9 * compiled < found < 1.15 * compiled


def test_weights_that_do_not_learn_stand_beside_everything_else():
    usual = need()
    heads = dataclasses.replace(usual.heads, frozen_parameters=10**8)
    teaching = dataclasses.replace(usual, heads=heads)
    more = estimate_memory(teaching, phase(256), 1, 8).total - estimate_memory(usual, phase(256), 1, 8).total
    assert more == 4 * 10**8


def test_logits_that_a_tpu_holds_whole_count_whole():
    blocks = need(platform="tpu")
    whole = dataclasses.replace(blocks, heads=dataclasses.replace(blocks.heads, whole_logits=True))
    rows = 256 // 8
    assert estimate_memory(blocks, phase(256), 1, 8).head == 80 * 2**20
    assert estimate_memory(whole, phase(256), 1, 8).head >= rows * 19 * 119_547 * 4
