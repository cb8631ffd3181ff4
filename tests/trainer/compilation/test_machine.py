from trainer.compilation.machine import Machine
from trainer.devices.hardware import find_device


def test_a_machine_says_its_devices_and_its_name():
    assert str(Machine("v5e:2x4", "tpu", find_device("TPU v5e"), 8)) == "8 x TPU v5e (v5e:2x4)"
