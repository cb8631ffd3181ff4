import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[2])


def run(code, **environment):
    kept = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "PYTHONPATH": ROOT, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip(), done.stderr


def test_keras_runs_on_jax_unless_it_is_said_otherwise():
    code = "import trainer.backend, os; print(os.environ['KERAS_BACKEND'])"
    assert run(code)[0] == "jax"
    assert run(code, KERAS_BACKEND="")[0] == "jax"
    assert run(code, KERAS_BACKEND="tensorflow")[0] == "tensorflow"


@pytest.mark.parametrize(
    ("backend", "says"), [("torch", "unset it for jax, or use tensorflow"), ("jaxx", "did you mean jax?")]
)
def test_another_backend_is_refused(backend, says):
    code = (
        "from trainer.backend import require_backend\nfrom beam_jobs.errors import UserError\n"
        "try:\n    require_backend()\nexcept UserError as error:\n    print(error)"
    )
    assert run(code, KERAS_BACKEND=backend)[0].endswith(says)


def test_a_device_that_is_not_there_is_told():
    code = "from trainer.backend import device_problem; print(device_problem() or 'none')"
    assert run(code)[0] == "none"
    assert run(code, KERAS_BACKEND="tensorflow", JAX_PLATFORMS="tpu")[0] == "none"
    assert run(code, JAX_PLATFORMS="tpu")[0].startswith("JAX_PLATFORMS is 'tpu', but JAX finds no such device here")
