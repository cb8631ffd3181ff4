import pytest

from trainer.commands import named_paths


@pytest.fixture
def paths_are_there(monkeypatch):
    """Whatever a command line names exists, so that tests of what becomes of the names need no files."""
    monkeypatch.setattr(named_paths, "_is", lambda path: True)
