import pytest

from beam_jobs.errors import UserError
from trainer.devices.gpu_memory import program_memory, usable_share
from trainer.devices.hardware import find_device


@pytest.mark.parametrize(
    ("environment", "share"),
    [
        ({}, 0.75),
        ({"XLA_PYTHON_CLIENT_MEM_FRACTION": ".9"}, 0.9),
        ({"XLA_CLIENT_MEM_FRACTION": "0.5"}, 0.5),
        ({"XLA_CLIENT_MEM_FRACTION": ""}, 0.75),
    ],
)
def test_the_share_that_jax_gives_to_a_program(environment, share):
    assert usable_share(environment) == share


@pytest.mark.parametrize("value", ["x", "0", "1.5", "nan", "-1"])
def test_another_share_is_refused_in_one_line(value):
    with pytest.raises(UserError, match=r"XLA_PYTHON_CLIENT_MEM_FRACTION is .* must be a share"):
        usable_share({"XLA_PYTHON_CLIENT_MEM_FRACTION": value})


def test_a_tpu_has_all_its_memory_and_a_gpu_a_share():
    assert program_memory(find_device("TPU v5e"), {}) == 16e9
    assert program_memory(find_device("H100"), {}) == 60e9
