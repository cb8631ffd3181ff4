"""The flags of a job are its settings."""

import dataclasses
import re
from typing import Any

import pytest

from beam_jobs.commands.job_settings import add_engine, add_settings, beam_arguments, read_settings
from beam_jobs.console.command_parser import CommandParser
from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings


def _parser(*settings_classes: type) -> CommandParser:
    parser = CommandParser(prog="job", allow_abbrev=False)
    for settings_class in settings_classes:
        add_settings(parser, settings_class)
    return parser


def _read(settings_class: type, *arguments: str) -> Any:
    return read_settings(settings_class, _parser(settings_class).parse_args(arguments))


def test_nothing_but_input_and_output_gives_the_defaults() -> None:
    for settings_class in (SegmentSettings, InstanceSettings, VocabularySettings):
        assert _read(settings_class, "--input", "a", "--output", "b") == settings_class(("a",), "b")


def test_inputs_add_up_and_other_names_work() -> None:
    settings = _read(InstanceSettings, "--input", "a", "b", "--data_dir", "c", "--input=d", "--output_dir", "out")
    assert settings == InstanceSettings(("a", "b", "c", "d"), "out")


@pytest.mark.parametrize(
    ("flag", "value"), [("--gzipped", True), ("--no-gzipped", False), ("--nogzipped", False), ("--no_gzipped", False)]
)
def test_switches(flag: str, value: bool) -> None:
    settings = _read(InstanceSettings, "--input", "a", "--output", "b", flag)
    assert settings == InstanceSettings(("a",), "b", gzipped=value)


def test_every_setting_can_be_given() -> None:
    named: dict[str, Any] = {"mask": "email", "page_furniture": 2, "repeated_lines": 2}  # values that are checked
    needed = {"decontaminate_words": "--decontaminate=c", "decontaminate_share": "--decontaminate=c"}
    needed["repeated_lines_keep"] = "--repeated_lines=2"
    for settings_class in (SegmentSettings, InstanceSettings, VocabularySettings):
        for field in dataclasses.fields(settings_class):
            if isinstance(field.default, bool | tuple) or field.name == "output":
                continue
            choices = field.metadata["choices"]
            value = choices[-1] if choices else field.default or {int: 1, float: 0.5, str: "x"}[type(field.default)]
            value = named.get(field.name, value)
            more = [needed[field.name]] if field.name in needed else []
            settings = _read(settings_class, "--input", "a", "--output", "b", f"--{field.name}={value}", *more)
            assert getattr(settings, field.name) == value


def test_two_jobs_share_the_settings_they_have_in_common() -> None:
    parser = _parser(SegmentSettings, InstanceSettings)
    namespace = parser.parse_args(["--input=a", "--output=b", "--random_seed=7", "--dupe_factor=2"])
    assert read_settings(SegmentSettings, namespace).random_seed == 7
    instances = read_settings(InstanceSettings, namespace, output="b/instances")
    assert (instances.random_seed, instances.dupe_factor, instances.output) == (7, 2, "b/instances")


def test_a_mistyped_choice_is_told_with_the_nearest() -> None:
    with pytest.raises(UserError, match=r"--masking 'whole_wrd' is not one of .*; did you mean whole_word\?$"):
        _read(InstanceSettings, "--input=a", "--output=b", "--masking=whole_wrd")


def test_help_teaches_every_setting() -> None:
    for settings_class in (SegmentSettings, InstanceSettings, VocabularySettings):
        text = " ".join(_parser(settings_class).format_help().split())
        for field in dataclasses.fields(settings_class):
            shown = f"--no-{field.name}" if field.default is True else f"--{field.name}"
            assert re.search(rf"{shown}\b", text)
            if isinstance(field.default, bool):  # the one that changes something, and no other spelling
                assert len(re.findall(rf"--(?:no[-_]?)?{field.name}\b", text)) == 2  # in the usage, and in the list
            if field.default not in ("", ()) and not isinstance(field.default, bool):
                assert f"(default: {field.default})" in text


def _beam_arguments(*arguments: str) -> list[str]:
    parser = CommandParser(prog="job", allow_abbrev=False)
    add_engine(parser)
    options, rest = parser.parse_known_args(arguments)
    options.beam_arguments = rest
    return beam_arguments(options)


def test_without_an_engine_the_options_of_beam_are_those_of_the_user() -> None:
    assert _beam_arguments("--runner=FlinkRunner") == ["--runner=FlinkRunner"]


def test_an_engine_adds_its_own_before_them() -> None:
    given = ["--environment_type=LOOPBACK", "--environment_cache_millis=1", "--prism_log_level=error"]
    assert _beam_arguments("--engine", "prism", *given) == ["--runner=PrismRunner", *given]


def test_an_engine_that_there_is_not_is_refused() -> None:
    with pytest.raises(UserError, match="flnk"):
        _beam_arguments("--engine", "flnk")
