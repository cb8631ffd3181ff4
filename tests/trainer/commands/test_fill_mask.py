import argparse
from types import SimpleNamespace

import pytest

from beam_jobs.errors import UserError
from trainer.commands import fill_mask
from trainer.export import loaded_model

pytestmark = pytest.mark.usefixtures("paths_are_there")


@pytest.fixture
def run(monkeypatch):
    def filled(*arguments, warning=""):
        asked = []

        def fill(text, top):
            asked.append((text, top))
            return [[SimpleNamespace(probability=0.5, piece="hund"), SimpleNamespace(probability=0.25, piece="katt")]]

        monkeypatch.setattr(loaded_model, "load_model", lambda folder: SimpleNamespace(fill_mask=fill))
        monkeypatch.setattr(loaded_model, "untrained_warning", lambda folder: warning)
        parser = argparse.ArgumentParser()
        fill_mask.add_arguments(parser)
        assert fill_mask.run(parser.parse_args(["--model", "m", *arguments])) == 0
        return asked

    return filled


def test_the_proposals_for_each_gap(run, capsys):
    assert run("En [MASK].", "--top", "2") == [("En [MASK].", 2)]
    assert capsys.readouterr().out == "En [MASK].   gap 1\n   50.0%  hund\n   25.0%  katt\n"


def test_a_head_that_was_never_trained_is_told(run, capsys):
    run("a", warning="random")
    assert capsys.readouterr().err == "warning: random\n"


def test_at_least_one(run):
    with pytest.raises(UserError, match="--top 0 must be at least 1"):
        run("a", "--top", "0")
