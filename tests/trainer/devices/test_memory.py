import pytest

from beam_jobs.errors import UserError
from trainer.devices.memory import choose_accumulation, estimate_memory
from trainer.model.config import BertConfig
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate, ModelSettings

BASE = BertConfig(vocab_size=119_547)


def phase(batch, accumulation=0, length=128):
    return Phase("p", length, batch, 10, LearningRate(1e-4), accumulation=accumulation)


def test_accumulation_is_as_little_as_memory_allows():
    model = ModelSettings()
    found = choose_accumulation(BASE, model, phase(2760), 8, 16e9)
    assert 2760 % (8 * found) == 0
    assert estimate_memory(BASE, model, phase(2760), found, 8).total <= 0.85 * 16e9
    fewer = [n for n in range(1, found) if 2760 % (8 * n) == 0]
    assert all(estimate_memory(BASE, model, phase(2760), n, 8).total > 0.85 * 16e9 for n in fewer)
    assert choose_accumulation(BASE, model, phase(2760), 8, 80e9) == 1
    assert choose_accumulation(BASE, model, phase(2760), 8, None) == 1
    assert choose_accumulation(BASE, model, phase(2760, accumulation=5), 8, 80e9) == 5
    assert choose_accumulation(BASE, model, phase(2760, accumulation=5), 8, 80e9, given=3) == 3


@pytest.mark.parametrize(
    ("batch", "devices", "remedy"),
    [(2760, 7, "make it 2758 or 2765"), (4, 8, "make it 8"), (100, 3, "make it 99 or 102")],
)
def test_a_batch_that_devices_cannot_share_is_an_error_with_the_nearest_that_they_can(batch, devices, remedy):
    with pytest.raises(
        UserError, match=f"phase p: batch {batch} cannot be split evenly over {devices} devices: {remedy}"
    ):
        choose_accumulation(BASE, ModelSettings(), phase(batch), devices, None)


def test_what_fits_nowhere_is_an_error_with_a_remedy():
    with pytest.raises(UserError, match="rematerialise = true"):
        choose_accumulation(BASE, ModelSettings(), phase(8, length=512), 8, 1e9)


def test_rematerialisation_and_bfloat16_need_less():
    usual = estimate_memory(BASE, ModelSettings(), phase(64), 1, 1)
    assert estimate_memory(BASE, ModelSettings(rematerialise=True), phase(64), 1, 1).activations < usual.activations / 4
    assert estimate_memory(BASE, ModelSettings(compute_dtype="float32"), phase(64), 1, 1).total > usual.total
    assert usual.state == 12 * BASE.parameter_count()
