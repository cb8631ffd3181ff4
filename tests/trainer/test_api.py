import sys

import pytest

from beam_jobs.errors import UserError
from trainer import api
from trainer.export import loaded_model


def test_a_folder_is_loaded(monkeypatch):
    monkeypatch.setattr(loaded_model, "load_model", lambda folder: ("model", folder))
    assert api.load("folder") == ("model", "folder")


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "trainer.export.loaded_model", None)
    with pytest.raises(UserError, match=r"is not installed; pip install 'beambert\[trainer\]' has all"):
        api.load("folder")


def test_a_backend_that_the_trainer_does_not_know_is_told_first(monkeypatch):
    def refuse():
        raise UserError("no such backend")

    monkeypatch.setattr(api, "require_backend", refuse)
    with pytest.raises(UserError, match="no such backend"):
        api.load("folder")
