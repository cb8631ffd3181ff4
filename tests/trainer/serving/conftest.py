"""Tiny models with drawn weights, and servers of them on ports of this machine."""

import sys
from pathlib import Path

import pytest

import trainer  # noqa: F401  chooses the backend, before any test imports Keras

sys.path.insert(0, str(Path(__file__).parent))

from tiny_servers import write_finetuned, write_pretrained


@pytest.fixture(scope="session")
def served_folder(tmp_path_factory, quick_compilation):
    """The folder of a model by its name, read-only: "pretrained", or a task."""
    made = {}

    def served_folder(name):
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            if name == "pretrained":
                made[name] = write_pretrained(folder)
            else:
                made[name] = write_finetuned(folder, name, Path(served_folder("pretrained")))
        return str(made[name])

    return served_folder


@pytest.fixture(scope="session")
def settings_for(served_folder):
    """The settings of a server with few shapes, on a free port."""
    from trainer.serving.settings import ServeSettings

    def settings_for(name, **changes):
        return ServeSettings(**{"model": served_folder(name), "port": 0, "max_batch_tokens": 512, **changes})

    return settings_for


@pytest.fixture(scope="session")
def server_of(settings_for):
    """A server that is ready; the same one for the same settings."""
    from trainer.serving.serve import ModelServer

    made = {}

    def server_of(name, **changes):
        key = (name, *sorted(changes.items()))
        if key not in made:
            server = ModelServer(settings_for(name, **changes))
            server.start()
            assert server.wait_ready()
            made[key] = server
        return made[key]

    yield server_of
    for server in made.values():
        server.stop()


@pytest.fixture(scope="session")
def pretrained(server_of):
    """A server of a pretrained model."""
    return server_of("pretrained")
