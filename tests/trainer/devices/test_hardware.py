import pytest

from trainer.devices.hardware import DEVICES, find_device, peak_flops, platform_of


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("TPU v3", "TPU v3 core"),
        ("TPU v5 lite", "TPU v5e"),
        ("TPU v5", "TPU v5p"),
        ("TPU v5p", "TPU v5p"),
        ("TPU v6 lite", "TPU v6e"),
        ("TPU7x", "TPU7x"),
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),  # the longest match wins
        ("Tesla V100-SXM2-16GB", "V100"),
        (" h200 ", "H200"),
        ("TPU v5e", "TPU v5e"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("cpu", None),
        ("", None),
        ("NVIDIA H", None),
        ("NVIDIA L40S", None),  # no L4
        ("NVIDIA A10G", None),  # no A10
        ("NVIDIA H200 NVL", "H200"),
    ],
)
def test_a_device_by_what_its_driver_says(kind, name):
    found = find_device(kind)
    assert (found.name if found else None) == name


def test_published_speeds_and_memories():
    assert {device.name: (device.flops, device.memory) for device in DEVICES} == {
        "TPU v2 core": (22.5e12, 8e9),
        "TPU v3 core": (61.5e12, 16e9),
        "TPU v4": (275e12, 32e9),
        "TPU v5e": (197e12, 16e9),
        "TPU v5p": (459e12, 95e9),
        "TPU v6e": (918e12, 32e9),
        "TPU7x": (1153.5e12, 96e9),
        "V100": (125e12, 16e9),
        "T4": (65e12, 16e9),
        "L4": (121e12, 24e9),
        "A10": (125e12, 24e9),
        "A100": (312e12, 40e9),
        "H100": (989e12, 80e9),
        "H100 PCIe": (756e12, 80e9),
        "H200": (989e12, 141e9),
        "B200": (2250e12, 180e9),
        "RTX 3090": (71e12, 24e9),
        "RTX 4090": (165e12, 24e9),
    }
    assert peak_flops("NVIDIA A100-SXM4-40GB") == 312e12
    assert peak_flops("cpu") is None


def test_what_is_a_tpu():
    assert [device.name for device in DEVICES if device.is_tpu][-2:] == ["TPU v6e", "TPU7x"]
    assert not find_device("NVIDIA H100 80GB HBM3").is_tpu


@pytest.mark.parametrize(
    ("kind", "platform"),
    [("NVIDIA H100 80GB HBM3", "gpu"), ("TPU v5 lite", "tpu"), ("cpu", ""), ("NVIDIA Unknown", "")],
)
def test_the_platform_of_a_device(kind, platform):
    assert platform_of(kind) == platform
