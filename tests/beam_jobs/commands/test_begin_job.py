import argparse

import pytest

from beam_jobs.commands.begin_job import begin_job
from beam_jobs.jobs import template


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch):
    """A job begun with these options; returns what was called, in order."""

    def begin(*beam_arguments: str, dry_run: bool = False, all_shown: bool = False) -> list[object]:
        called: list[object] = []
        monkeypatch.setattr(template, "make_template", lambda name, *_: called.append(("template", name)))
        options = argparse.Namespace(
            engine="", beam_arguments=list(beam_arguments), dry_run=dry_run, estimate=True, prices="none"
        )

        def show(arguments, preview) -> bool:
            called.append(("show", preview.dry_run, preview.prices))
            return all_shown

        assert begin_job(options, "segment", [], show, lambda arguments: called.append(("run", arguments))) == 0
        return called

    return begin


def test_a_job_on_this_machine_begins_at_once(begin) -> None:
    assert begin("--direct_num_workers=2") == [("run", ["--direct_num_workers=2"])]


def test_a_dry_run_shows_and_runs_nothing(begin) -> None:
    assert begin(dry_run=True, all_shown=True) == [("show", True, "none")]


def test_a_remote_job_is_shown_and_then_run(begin) -> None:
    flink = "--runner=FlinkRunner"
    assert begin(flink) == [("show", False, "none"), ("run", [flink])]


@pytest.mark.parametrize("option", [["--template_location=gs://b/t"], ["--template_location", "gs://b/t"]])
def test_a_template_is_made_instead_of_a_run(begin, option: list[str]) -> None:
    assert begin("--runner=DataflowRunner", *option) == [("show", False, "none"), ("template", "segment")]
