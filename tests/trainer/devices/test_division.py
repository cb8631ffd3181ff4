"""How arrays are cut, for devices of all numbers, and in which groups they exchange."""

from types import SimpleNamespace

import pytest

from trainer.devices.division import Division, division_of, stages_of


@pytest.mark.parametrize(
    ("shape", "devices", "division"),
    [
        ((768, 3072), 8, Division(0, 768)),
        ((768, 3072), 64, Division(0, 768)),  # 12 rows: a whole number of tiles would be a third more
        ((3072, 768), 64, Division(0, 3072)),
        ((119_547, 768), 8, Division(0, 119_552)),  # rows of zeros, and tiles of 8 rows
        ((119_547, 768), 64, Division(0, 119_808)),
        ((131, 128), 8, Division(0, 136)),
        ((12, 64, 768), 64, Division(1, 64)),  # 12 would be more than half padding
        ((12, 64, 768), 256, Division(2, 768)),
        ((119_547,), 64, Division(0, 119_808)),
        ((12, 64), 8, None),  # too small to be worth an exchange
        ((768, 768), 1, None),  # nothing to share
        ((768, 768), 1024, None),  # no axis that divides
        ((768, 3072), 1024, Division(1, 3072)),
    ],
)
def test_the_first_axis_that_divides_without_much_padding(shape, devices, division):
    assert division_of(shape, devices) == division


def devices(count, platform="tpu", slices=1):
    return [SimpleNamespace(platform=platform, slice_index=i * slices // count) for i in range(count)]


@pytest.mark.parametrize(
    ("count", "slices", "stages"),
    [
        (4, 1, (2, 2)),
        (8, 1, (2, 4)),
        (64, 1, (8, 8)),
        (128, 1, (8, 16)),
        (64, 2, (2, 4, 8)),
        (2, 2, (2,)),
        (7, 1, (7,)),
    ],
)
def test_a_tpu_exchanges_between_slices_and_along_two_axes(count, slices, stages):
    assert stages_of(devices(count, slices=slices)) == stages


def test_elsewhere_all_devices_exchange_at_once():
    assert stages_of(devices(8, "gpu")) == stages_of(devices(8, "cpu")) == (8,)
    assert stages_of([SimpleNamespace(platform="cpu")]) == (1,)
