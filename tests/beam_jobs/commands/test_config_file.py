"""Settings from `--config`: the names of the flags, the flags first, and each mistake with its line."""

from pathlib import Path
from typing import Any

import pytest

from beam_jobs.commands.job_settings import add_engine, add_settings, job_options, read_settings
from beam_jobs.console.command_parser import CommandParser
from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings


@pytest.fixture
def options(tmp_path: Path):
    """The options of a job with a configuration file of this text, and further flags."""

    def made(text: str, *flags: str, settings_class: type = SegmentSettings) -> Any:
        (tmp_path / "job.toml").write_text(text)
        parser = CommandParser(prog="beambert segment", allow_abbrev=False)
        add_settings(parser, settings_class)
        add_engine(parser)
        found, rest = parser.parse_known_args(["--config", str(tmp_path / "job.toml"), *flags])
        found.beam_arguments = rest
        return job_options(found)

    return made


def test_settings_of_every_kind(options) -> None:
    text = 'input = ["a", "b"]\noutput = "o"\nlanguage = "nb"\nshard_mb = 5\nrandom_seed = 7\nlanguages = ["nb"]\n'
    settings = read_settings(SegmentSettings, options(text))
    assert settings == SegmentSettings(("a", "b"), "o", language="nb", shard_mb=5.0, random_seed=7, languages=("nb",))


def test_a_switch_and_the_other_names_of_flags(options) -> None:
    text = 'data_dir = "a"\noutput_dir = "o"\ngzipped = false\n'
    settings = read_settings(InstanceSettings, options(text, settings_class=InstanceSettings))
    assert settings == InstanceSettings(("a",), "o", gzipped=False)


def test_flags_win_and_lists_do_not_add_up(options) -> None:
    text = 'input = ["a"]\noutput = "o"\nlanguage = "nb"\nengine = "flink"\ndry_run = true\nestimate = false\n'
    found = options(text, "--input", "b", "--language=nn", "--no-dry_run", "--engine", "local")
    assert read_settings(SegmentSettings, found) == SegmentSettings(("b",), "o", language="nn")
    assert (found.engine, found.dry_run, found.estimate, found.prices) == ("local", False, False, "")


def test_options_of_beam(options) -> None:
    text = '[beam]\nrunner = "FlinkRunner"\nexperiments = ["a", "b"]\nstreaming = true\nsave_main_session = false\n'
    from_file = ["--runner=FlinkRunner", "--experiments=a", "--experiments=b", "--streaming"]
    assert options(text).beam_arguments == from_file
    assert options(text, "--runner", "X").beam_arguments == [*from_file[1:], "--runner", "X"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("\nlangauge = 'nb'", r"job.toml:2: segment has no setting 'langauge': did you mean language\?"),
        ("qqqq = 1", "job.toml:1: segment has no setting 'qqqq': beambert segment --help lists its settings"),
        ("runner = 'x'", r"job.toml:1: runner is an option of Beam: write it below a line \[beam\]"),
        ("[beam]\n\nrunnr = 'x'", r"job.toml:3: Beam has no option 'runnr': did you mean runner\?"),
        ("[beam]\nstreaming = 'x'", r"job.toml:2: argument --streaming: ignored explicit argument 'x'"),
        ("beam = 1", r"job.toml:1: beam must be a table: write \[beam\]"),
        ("random_seed = '7'", "job.toml:1: random_seed = '7' must be a whole number"),
        ("shard_mb = true", "job.toml:1: shard_mb = True must be a number"),
        ("language = 3", "job.toml:1: language = 3 must be a string in quotes"),
        ("dry_run = 'yes'", "job.toml:1: dry_run = 'yes' must be true or false"),
        ("input = 3", "job.toml:1: input = 3 must be a list of strings in quotes"),
        ("input = ['a', 3]", r"job.toml:1: input\[1\] = 3 must be a string in quotes"),
        ("engine = 'flinc'", r"job.toml:1: engine = 'flinc' is not one of .*; did you mean flink\?"),
        ("input = 'a'\ndata_dir = 'b'", "job.toml:2: data_dir is the same setting as input; keep one of them"),
        ("input = ", "job.toml:1: not TOML: "),
        ("config = 'other.toml'", "job.toml:1: segment has no setting 'config'"),
    ],
)
def test_a_mistake_is_told_with_its_line(options, text: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        options(text)


def test_a_wrong_value_is_told_where_it_stands(options) -> None:
    text = 'input = "a"\noutput = "o"\n\ndev_fraction = 7\n'
    with pytest.raises(UserError, match=r"job.toml:4: dev_fraction 7.0 is a share"):
        read_settings(SegmentSettings, options(text))
    with pytest.raises(UserError, match=r"^--dev_fraction 8.0 is a share"):
        read_settings(SegmentSettings, options(text, "--dev_fraction=8"))
    with pytest.raises(UserError, match=r"job.toml:3: input is empty"):
        read_settings(SegmentSettings, options('output = "o"\n\ndata_dir = [""]\n'))


def test_a_file_that_is_not_there_or_given_twice(options, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--config is given twice"):
        options("", "--config", str(tmp_path / "job.toml"))
    (tmp_path / "bad.toml").write_bytes(b"a = '\xff'")
    parser = CommandParser(prog="beambert segment")
    add_engine(parser)
    for name in ("nosuch.toml", "bad.toml"):
        with pytest.raises(UserError, match=rf"--config .*{name}: cannot read the file"):
            parser.parse_args(["--config", str(tmp_path / name)])
