import dataclasses
import importlib

import pytest

from beam_jobs.errors import UserError
from beam_jobs.jobs.embed import model as module


def test_a_process_loads_a_model_once(settings, model, monkeypatch):
    opened = []
    open_embedder = module.trainer_module().open_embedder
    monkeypatch.setattr(
        module.trainer_module(), "open_embedder", lambda *given: opened.append(given) or open_embedder(*given)
    )
    own = dataclasses.replace(settings, batch=7)
    for _ in range(3):
        with module.embedder_of(str(model), own, module.model_digest(str(model), own)).lend() as embedder:
            assert embedder.settings.batch == 7
    assert len(opened) == 1


def test_the_settings_are_those_of_the_trainer(settings, model):
    changes = {"pooling": "cls", "normalize": "yes", "layers": "-2", "max_seq_length": 9}
    changed = dataclasses.replace(settings, **changes)
    with module.embedder_of(str(model), changed, module.model_digest(str(model), changed)).lend() as embedder:
        found = embedder.settings
    assert (found.pooling, found.normalize, found.layers, found.max_seq_length, found.per) == (
        "cls",
        True,
        "-2",
        9,
        "text",
    )


def test_without_the_trainers_packages_one_line_says_what_to_install(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError("No module named 'keras'", name="keras")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(UserError, match=r"keras is not installed: pip install 'beambert\[trainer\]'"):
        module.trainer_module()


def test_what_the_system_does_not_allow_is_one_line(settings):
    too_long = "x" * 300
    with pytest.raises(UserError, match=r"--model x+: File name too long; name another model, or mend this one"):
        module.model_digest(too_long, settings)
    with (
        pytest.raises(UserError, match=r"--model x+: File name too long; name another model, or mend this one"),
        module.embedder_of(too_long, settings, "").lend(),
    ):
        pass
