import pytest

from beam_jobs.errors import UserError
from trainer.compilation.gpu_node import GPUS, gpu_node
from trainer.devices.hardware import find_device


def test_a_gpu_is_described_to_the_compiler(monkeypatch):
    monkeypatch.delenv("XLA_CLIENT_MEM_FRACTION", raising=False)
    monkeypatch.delenv("XLA_PYTHON_CLIENT_MEM_FRACTION", raising=False)
    machine = gpu_node("H100", 8)
    assert (machine.platform, machine.devices, machine.options["topology"]) == ("cuda", 8, "1x1x8")
    text = machine.options["target_config"]
    for part in ("core_count: 132", "cuda_compute_capability { major: 9 minor: 0 }", 'platform_name: "CUDA"'):
        assert part in text
    assert machine.usable_memory == 0.75 * 84_942_979_072


def test_every_described_gpu_is_in_the_table_of_devices_with_about_its_memory():
    for name, gpu in GPUS.items():
        device = find_device(gpu.name)
        assert device is not None
        assert device.name == name
        assert gpu.memory == pytest.approx(device.memory, rel=0.1)


@pytest.mark.parametrize(
    ("name", "count", "problem"),
    [("V100", 1, "there are A100, H100, H200, L4"), ("abacus", 1, "cannot be compiled for"), ("H100", 0, "at least 1")],
)
def test_another_gpu_is_refused_in_one_line(name, count, problem):
    with pytest.raises(UserError, match=problem):
        gpu_node(name, count)
