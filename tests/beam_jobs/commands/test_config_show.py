"""`config show` prints every setting with its origin, and what it prints is a configuration file of the same meaning."""

import importlib
from pathlib import Path

import pytest

from beam_jobs.commands import config_show
from beam_jobs.commands.job_settings import job_options, read_settings
from beam_jobs.console.commands import chosen_command
from beam_jobs.console.dispatch import find_call, parse_options
from beam_jobs.errors import UserError


def _options(job: str, *arguments: str):
    command = chosen_command([job])
    assert command is not None
    return job_options(parse_options(command, importlib.import_module(command.module), arguments, "beambert"))


def _shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call = find_call(["config", "show", *arguments], "beambert")
    assert call is not None
    assert call.run() == 0
    return capsys.readouterr().out


GIVEN = {
    "segment": ["--language=nb", "--input", "a", 'b "c"'],
    "instances": ["--no-gzipped", "--input", "a"],
    "vocabulary": ["--lower_case", "--input", "a"],
    "embed": ["--model", "m", "--input", "a"],
    "corpus": ["--dupe_factor=3", "--vocab_size=500", "--input", "a"],
}


@pytest.mark.parametrize("job", GIVEN)
def test_what_is_shown_means_the_same(job: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [
        *GIVEN[job],
        "--output",
        "o",
        "--max_num_cpus",
        "2",
        "--runner=FlinkRunner",
        "--experiments",
        "x",
        "--streaming",
    ]
    file = tmp_path / "shown.toml"
    file.write_text(_shown(capsys, job, *given))
    first, again = _options(job, *given), _options(job, "--config", str(file))
    for settings_class in config_show._SETTINGS[job]:
        assert read_settings(settings_class, again) == read_settings(settings_class, first)
    assert again.beam_arguments == ["--runner=FlinkRunner", "--experiments=x", "--streaming"]
    assert (again.dry_run, again.estimate, again.engine) == (first.dry_run, first.estimate, first.engine)


def test_each_setting_tells_where_it_comes_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "c.toml"
    file.write_text('language = "nb"\ndev_fraction = 0.1\n[beam]\nexperiments = ["a", "b"]\nrunner = "X"\n')
    shown = _shown(capsys, "segment", "--config", str(file), "--dev_fraction=0.2", "--runner", "FlinkRunner")
    for line in (
        f'language = "nb"  # {file}:1',
        "dev_fraction = 0.2  # command line",
        "test_fraction = 0.0  # default",
        "# input is not set",
        f'experiments = ["a", "b"]  # {file}:4',
        'runner = "FlinkRunner"  # command line',
    ):
        assert line in shown.splitlines()
    assert shown.count("runner") == 1


def test_a_corpus_shows_what_applies(capsys: pytest.CaptureFixture[str]) -> None:
    named, learned = _shown(capsys, "corpus"), _shown(capsys, "corpus", "--vocab_size=500")
    assert "model_class" in named
    assert "min_frequency" not in named
    assert "min_frequency" in learned
    assert "model_class" not in learned


def test_a_wrong_setting_is_refused_before_anything_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match=r"--dev_fraction 7.0 is a share"):
        _shown(capsys, "segment", "--dev_fraction=7")
    with pytest.raises(UserError, match=r"'segmnt' is not one of .*; did you mean segment"):
        _shown(capsys, "segmnt")
    assert capsys.readouterr().out == ""
