"""On one device a function is itself; what eight devices do is seen in tests/trainer/test_splits.py."""

from trainer.devices.device_sum import on_one_device, over_devices
from trainer.devices.runtime import JaxRuntime, TensorFlowRuntime


def test_one_device_has_nothing_to_add():
    def local(shared, batch):
        return {}, {}, {}

    assert over_devices(JaxRuntime(), "bfloat16") is on_one_device
    assert over_devices(TensorFlowRuntime()) is on_one_device
    assert on_one_device(local) is local
