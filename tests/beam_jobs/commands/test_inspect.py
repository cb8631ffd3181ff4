import argparse

import pytest

from beam_jobs.commands import inspect as command
from beam_jobs.errors import UserError
from beam_jobs.inspection import compare, report
from beam_jobs.inspection.filtered import show
from beam_jobs.inspection.report import Inspection


@pytest.mark.parametrize(
    ("arguments", "inspection"),
    [
        (["a", "b"], Inspection(("a", "b"))),
        (["a", "--all"], Inspection(("a",), check_all=True)),
        (["a", "--check", "all", "--num", "7"], Inspection(("a",), check_all=True, num=7)),
        (["a", "--record", "2", "--record", "1"], Inspection(("a",), records=(2, 1))),
        (
            ["a", "--vocab_file", "v", "--model_class", "m", "--vocab_dir", "d", "--html", "h", "--max_num_cpus", "3"],
            Inspection(("a",), vocab_file="v", model_class="m", vocab_dir="d", html="h", max_num_cpus=3),
        ),
    ],
)
def test_the_report_gets_what_was_asked_for(monkeypatch, arguments, inspection):
    asked = []
    monkeypatch.setattr(report, "report", lambda given: asked.append(given) or 1)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(arguments)) == 1
    assert asked == [inspection]


def test_a_comparison_gets_what_was_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(compare, "compare", lambda *given: asked.append(given) or 1)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    for arguments in (["--compare", "a", "b"], ["--check", "all", "--compare", "a", "b", "--max_num_cpus", "3"]):
        assert command.run(parser.parse_args(arguments)) == 1
    assert asked == [(["a", "b"], False, 0), (["a", "b"], True, 3)]
    with pytest.raises(UserError, match="leave out --html and --record"):
        command.run(parser.parse_args(["--compare", "a", "b", "--html", "page.html"]))


def test_filtered_documents_are_shown_by_reason(monkeypatch):
    asked = []
    monkeypatch.setattr(show, "show_filtered", lambda *given: asked.append(given) or 0)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(["--filtered", "a"])) == 0
    assert command.run(parser.parse_args(["a", "--filtered", "--reason", "language", "--num", "9"])) == 0
    assert asked == [("a", 3, ""), ("a", 9, "language")]
    for wrong in (["--filtered", "a", "b"], ["--filtered", "a", "--html", "x"], ["--filtered", "a", "--record", "1"]):
        with pytest.raises(UserError, match="--filtered shows the documents of one folder"):
            command.run(parser.parse_args(wrong))
    with pytest.raises(UserError, match="--reason chooses among filtered documents: add --filtered"):
        command.run(parser.parse_args(["a", "--reason", "language"]))
