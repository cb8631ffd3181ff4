"""How much of a GPU's memory JAX gives to a program: three quarters, unless the environment says otherwise."""

import os
from collections.abc import Mapping

from beam_jobs.errors import UserError
from trainer.devices.hardware import Device

VARIABLES = ("XLA_CLIENT_MEM_FRACTION", "XLA_PYTHON_CLIENT_MEM_FRACTION")  # JAX prefers the first
USUAL_SHARE = 0.75


def usable_share(environment: Mapping[str, str] = os.environ) -> float:
    """The share, above 0 and at most 1. Raises UserError if the environment names another number."""
    for name in VARIABLES:
        text = environment.get(name)
        if text:
            try:
                share = float(text)
            except ValueError:
                share = 0.0
            if not 0 < share <= 1:
                raise UserError(
                    f"{name} is {text!r}: it must be a share above 0 and at most 1, such as .9; or unset it"
                )
            return share
    return USUAL_SHARE


def program_memory(device: Device, environment: Mapping[str, str] = os.environ) -> float:
    """Bytes of a device that a program may use: the same that the runtime reports where such a device is."""
    return device.memory if device.is_tpu else usable_share(environment) * device.memory
