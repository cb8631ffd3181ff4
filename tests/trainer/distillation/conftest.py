"""A teacher of four layers in a Hugging Face folder, instances of its vocabulary, and runs of its students."""

import importlib.util
import sys
from pathlib import Path

import pytest

import trainer  # noqa: F401  chooses the backend, before any test imports Keras

sys.path.insert(0, str(Path(__file__).parent))

_spec = importlib.util.spec_from_file_location("instance_folders", Path(__file__).parents[1] / "data" / "conftest.py")
_folders = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_folders)
vocabulary, text_blocks, make_folder = _folders.vocabulary, _folders.text_blocks, _folders.make_folder

from tiny_students import launch, network, save_teacher  # noqa: E402


@pytest.fixture(scope="session")
def teacher(vocabulary, tmp_path_factory, quick_compilation):
    """The folder of a model with both heads of pretraining; its weights are large, so that layers differ."""
    return save_teacher(network(len(vocabulary)), vocabulary, tmp_path_factory.mktemp("teacher"))


@pytest.fixture(scope="session")
def headless(vocabulary, teacher, tmp_path_factory):
    """The same without heads."""
    import shutil

    from safetensors.numpy import load_file, save_file

    folder = tmp_path_factory.mktemp("headless") / "encoder"
    shutil.copytree(teacher, folder)
    (folder / "beambert_export.json").unlink()
    tensors = {name: value for name, value in load_file(folder / "model.safetensors").items() if "cls." not in name}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return str(folder)


@pytest.fixture(scope="session")
def texts(text_blocks, tmp_path_factory):
    """Two text files, to train on and to hold out."""
    folder = tmp_path_factory.mktemp("texts")
    lines = [line for block in text_blocks for line in block.decode().split("\n")]
    (folder / "train.txt").write_text("\n".join(lines[:200]) + "\n", encoding="utf-8")
    (folder / "dev.txt").write_text("\n".join(line for line in lines[300:340] if line) + "\n", encoding="utf-8")
    return str(folder / "train.txt"), str(folder / "dev.txt")


@pytest.fixture(scope="session")
def student(teacher, make_folder, tmp_path_factory):
    """A finished run of six updates, read-only."""
    from trainer.distillation.distill import distill

    output = tmp_path_factory.mktemp("student") / "run"
    return output, distill(launch(make_folder(), output), teacher)
