import pytest

from beam_jobs.errors import UserError
from trainer.compilation.named_devices import named_devices


@pytest.mark.parametrize(
    ("name", "device", "count", "memory"),
    [
        ("v4-32", "TPU v4", 16, 32e9),
        ("TPU v4-32", "TPU v4", 16, 32e9),
        ("tpu-v3-8", "TPU v3 core", 8, 16e9),
        ("v5litepod-16", "TPU v5e", 16, 16e9),
        ("v5e:2x4", "TPU v5e", 8, 16e9),
        ("v5e", "TPU v5e", 1, 16e9),
        ("2 x v5e-8", "TPU v5e", 16, 16e9),
        ("tpu7x-8", "TPU7x", 8, 96e9),
        ("TPU v3 core", "TPU v3 core", 1, 16e9),
        ("8xH100", "H100", 8, 80e9),
        ("8 x NVIDIA H100 80GB HBM3", "H100", 8, 80e9),
        ("H100 PCIe", "H100 PCIe", 1, 80e9),
        ("A100-SXM4-80GB", "A100", 1, 80e9),
        ("NVIDIA A100-SXM4-40GB", "A100", 1, 40e9),
        ("a100", "A100", 1, 40e9),
        ("rtx 4090", "RTX 4090", 1, 24e9),
        ("geforce rtx 4090", "RTX 4090", 1, 24e9),
    ],
)
def test_names_as_people_write_them(name, device, count, memory):
    found, devices = named_devices(name)
    assert (found.name, devices, found.memory) == (device, count, memory)


def test_devices_may_say_how_many():
    assert named_devices("TPU v3 core", 8)[1] == 8
    assert named_devices("v3-8", 8)[1] == 8


@pytest.mark.parametrize(
    ("name", "devices", "message"),
    [
        ("v4-32", 8, "--device 'v4-32' means 16 devices, and --devices says 8; leave out one of them"),
        ("H1000000", 0, "--device 'H1000000' is not known; there are TPU v2 core, TPU v3 core"),
        ("0xH100", 0, "--device '0xH100' is not known"),
        ("v9-8", 0, "--device 'v9-8' is no TPU slice; write it like v5e-8"),
        ("v5e-7", 0, "--device 'v5e-7': no slice of the usual sizes has 7 chips; name its chips, such as v5e:2x4"),
    ],
)
def test_what_is_not_understood_is_refused_in_one_line(name, devices, message):
    with pytest.raises(UserError) as caught:
        named_devices(name, devices)
    assert str(caught.value).startswith(message)
