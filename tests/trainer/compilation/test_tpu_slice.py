"""Names of TPU slices: cores or chips, one host or several, and what the compiler must be told."""

import pytest

from beam_jobs.errors import UserError
from trainer.compilation.tpu_slice import tpu_slice


@pytest.mark.parametrize(
    ("name", "topology", "devices"),
    [
        ("v2-8", "v2:2x2", 8),  # cores, and each of them is a device
        ("v3-8", "v3:2x2", 8),
        ("v3-32", "v3:4x4", 32),
        ("v3-256", "v3:8x16", 256),
        ("v4-8", "v4:2x2x1", 4),  # cores, but a chip is one device
        ("v4-32", "v4:2x2x4", 16),
        ("v5e-1", "v5e:1x1", 1),  # chips
        ("v5e-8", "v5e:2x4", 8),
        ("V5E-64", "v5e:8x8", 64),
        ("v5litepod-16", "v5e:4x4", 16),
        ("v5p-8", "v5p:2x2x1", 4),
        ("v5p-16", "v5p:2x2x2", 8),
        ("v5p-128", "v5p:4x4x4", 64),
        ("v6e-64", "v6e:8x8", 64),
        ("tpu7x-8", "tpu7x:2x2x1", 8),
        ("tpu7x-128", "tpu7x:4x4x4", 128),
        ("v5e:2x4", "v5e:2x4", 8),
        ("v5p:2x2x3", "v5p:2x2x3", 12),
        ("v3:4x8", "v3:4x8", 64),
    ],
)
def test_what_a_name_means(name, topology, devices):
    machine = tpu_slice(name)
    assert (machine.name, machine.options["topology_name"], machine.devices) == (topology, topology, devices)
    assert machine.platform == "tpu"


def test_what_the_compiler_would_assume_wrongly():
    assert tpu_slice("v4-8").options["chip_config_name"] == "megacore"
    assert "chip_config_name" not in tpu_slice("v5p-8").options
    assert tpu_slice("v5e-8").options["chips_per_host_bounds"] == (2, 4, 1)  # one host, not two
    assert tpu_slice("v5e-1").options["chips_per_host_bounds"] == (1, 1, 1)
    assert "chips_per_host_bounds" not in tpu_slice("v5e-16").options  # hosts of 2 x 2
    assert "num_slices" not in tpu_slice("v5e-16").options


def test_slices_multiply_the_devices():
    machine = tpu_slice("v5e:4x8", slices=2)
    assert (machine.devices, machine.options["num_slices"], machine.name) == (64, 2, "v5e:4x8 x 2 slices")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("v5e", "is no TPU slice; write it like v5e-8, v4-32 or v5e:2x4"),
        ("v9-8", "is no TPU slice"),
        ("v5e-7", "no slice of the usual sizes has 7 chips; name its chips, such as v5e:2x4"),
        ("v4-1", "has 1 cores, two to a chip"),
        ("v5p-24", "such as v5p:2x2x3"),
        ("v5e:2x2x2", "counted in 2 axes, like 2x4"),
        ("v4:2x2", "counted in 3 axes, like 2x2x4"),
        ("v5e:0x4", "counted in 2 axes"),
        ("v5e-0", "has 0 chips"),
        ("", "is no TPU slice"),
    ],
)
def test_a_wrong_name_is_one_line_with_a_remedy(name, problem):
    with pytest.raises(UserError, match=problem):
        tpu_slice(name)


def test_no_slices_are_refused():
    with pytest.raises(UserError, match="--slices 0 must be at least 1"):
        tpu_slice("v5e-8", 0)
