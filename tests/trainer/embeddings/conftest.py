import sys
from pathlib import Path

import pytest

import trainer  # noqa: F401  chooses the backend, before any test imports Keras

sys.path.insert(0, str(Path(__file__).parent))

from tiny_models import golden_folder, sentence_folder


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory):
    """The folder of a golden model by its name, read-only."""
    made = {}

    def folder_of(name):
        if name not in made:
            make = {"sentences": lambda _, folder: sentence_folder(folder)}.get(name, golden_folder)
            made[name] = make(name, tmp_path_factory.mktemp(name))
        return str(made[name])

    return folder_of


@pytest.fixture(scope="session")
def embedder_of(folder_of, quick_compilation):
    """An embedder of a golden model; the same one for the same settings."""
    from trainer.embeddings.embedder import Embedder
    from trainer.embeddings.settings import EmbedSettings

    made = {}

    def embedder_of(name, **settings):
        key = (name, *sorted(settings.items()))
        if key not in made:
            made[key] = Embedder(folder_of(name), EmbedSettings(**settings))
        return made[key]

    return embedder_of
