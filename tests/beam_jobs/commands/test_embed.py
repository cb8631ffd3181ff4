import pytest

from beam_jobs.commands import embed as command
from beam_jobs.console.command_parser import CommandParser
from beam_jobs.errors import UserError


def parsed(*arguments):
    parser = CommandParser()
    command.add_arguments(parser)
    options = parser.parse_args(["--input", "raw", "--output", "vectors", "--model", "m", *arguments])
    options.beam_arguments = []
    return options


@pytest.fixture
def asked(monkeypatch, tmp_path):
    from beam_jobs.jobs.embed import pipeline

    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "text.txt").write_text("Ei linje.\n")
    (tmp_path / "m").mkdir()
    seen = []
    monkeypatch.setattr(pipeline, "run_embed", lambda settings, arguments: seen.append(("run", settings)))
    monkeypatch.setattr(pipeline, "tell_plan", lambda settings: seen.append(("plan", settings)))
    return seen


def test_layers_may_begin_with_a_minus(asked):
    assert command.run(parsed("--layers", "-4:-1", "--combine", "concat")) == 0
    ((what, settings),) = asked
    assert (what, settings.layers, settings.combine, settings.model) == ("run", "-4:-1", "concat", "m")


def test_a_dry_run_only_tells(asked):
    assert command.run(parsed("--dry_run")) == 0
    assert [what for what, _ in asked] == ["plan"]


def test_there_is_no_template():
    options = parsed()
    options.beam_arguments = ["--template_location=gs://t"]
    with pytest.raises(UserError, match="embed has no template"):
        command.run(options)
