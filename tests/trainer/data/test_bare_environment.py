"""The trainer needs neither TensorFlow nor Beam: it trains in a virtual environment that holds only what it imports."""

import os
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ON_A_GPU_MACHINE = """
absl-py aiofiles etils fsspec h5py humanize jax jaxlib llvmlite markdown-it-py mdurl ml-dtypes msgpack numba numpy
opt-einsum orbax-checkpoint packaging prometheus-client protobuf psutil pygments pyyaml rich safetensors scipy simplejson
tensorboard tensorstore tokenizers typing-extensions uvloop zipp
"""
"""What a machine with JAX, PyTorch and transformers has anyway, as far as the trainer uses it."""

CARRIED = ["keras", "namex", "optree", "isal", "google-crc32c"]
"""What tests/benchmarks/device_check.py brings along."""


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory) -> Path:
    """A virtual environment of links to the packages of this one that are named above."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for name in (*ON_A_GPU_MACHINE.split(), *CARRIED):
        package = distribution(name)
        for file in package.files or ():
            depth = 2 if file.parts[0] in ("google", "orbax") else 1  # shared by several packages
            if file.parts[0] in ("..", "__pycache__") or len(file.parts) < depth:
                continue
            link = site.joinpath(*file.parts[:depth])
            if not link.is_symlink():
                link.parent.mkdir(exist_ok=True)
                link.symlink_to(Path(str(package.locate_file(""))).joinpath(*file.parts[:depth]))
    return folder / "bin" / "python"


def in_it(python: Path, *arguments: str, **environment: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KERAS"))}
    done = subprocess.run(
        [str(python), *arguments],
        cwd=ROOT,
        env={**inherited, "JAX_PLATFORMS": "cpu", **environment},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_a_plan_is_trained_to_a_checkpoint_without_tensorflow_and_beam(
    bare_python, make_folder, tmp_path, quick_compilation
):
    absent = "import importlib.util as u; print([n for n in {names} if u.find_spec(n)])"
    names = ["tensorflow", "apache_beam", "torch", "smart_open", "orjson", "zstandard", "pyarrow", "pytest"]
    assert in_it(bare_python, "-c", absent.format(names=names)) == "[]\n"
    data = make_folder(max_seq_length=128, max_predictions_per_seq=20)
    command = ["-m", "trainer", "pretrain", "--plan", "demo", "--max_steps", "3"]
    in_it(bare_python, *command, "--data", str(data), "--output", str(tmp_path / "run"), **quick_compilation)
    assert (tmp_path / "run" / "checkpoints" / "3" / "state").is_dir()


def test_importing_the_trainer_loads_neither_where_they_are_installed():
    loaded = "import sys, trainer, trainer.training.pretrain; print([n for n in {names} if n in sys.modules])"
    names = ["tensorflow", "apache_beam", "torch"]
    assert in_it(Path(sys.executable), "-c", loaded.format(names=names)) == "[]\n"
