"""Command lines are the settings; what is left over belongs to Beam."""

import dataclasses

import pytest

from beam_jobs.command_line import add_settings, read_settings, settings_parser, split_beam_arguments
from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings


def _read(settings_class: type, *arguments: str) -> tuple[object, list[str]]:
    parser = settings_parser(settings_class, "job", "A job.")
    namespace, beam = split_beam_arguments(parser, arguments)
    return read_settings(settings_class, namespace), beam


def test_nothing_but_input_and_output_gives_the_defaults() -> None:
    for settings_class in (SegmentSettings, InstanceSettings, VocabularySettings):
        assert _read(settings_class, "--input", "a", "--output", "b") == (settings_class(("a",), "b"), [])


def test_inputs_add_up_and_other_names_work() -> None:
    settings, _ = _read(InstanceSettings, "--input", "a", "b", "--data_dir", "c", "--input=d", "--output_dir", "out")
    assert settings == InstanceSettings(("a", "b", "c", "d"), "out")


@pytest.mark.parametrize(("flag", "value"), [("--gzipped", True), ("--nogzipped", False)])
def test_switches(flag: str, value: bool) -> None:
    settings, _ = _read(InstanceSettings, "--input", "a", "--output", "b", flag)
    assert settings == InstanceSettings(("a",), "b", gzipped=value)


def test_every_setting_can_be_given() -> None:
    for settings_class in (SegmentSettings, InstanceSettings, VocabularySettings):
        for field in dataclasses.fields(settings_class):
            if isinstance(field.default, bool | tuple) or field.name == "output":
                continue
            choices = field.metadata["choices"]
            value = choices[-1] if choices else field.default or {int: 1, float: 0.5, str: "x"}[type(field.default)]
            settings, _ = _read(settings_class, "--input", "a", "--output", "b", f"--{field.name}={value}")
            assert getattr(settings, field.name) == value


def test_options_of_beam_go_to_beam() -> None:
    settings, beam = _read(
        InstanceSettings, "--input", "a", "--output", "b", "--runner=FlinkRunner", "--flink_master=local"
    )
    assert settings == InstanceSettings(("a",), "b")
    assert beam == ["--runner=FlinkRunner", "--flink_master=local"]


@pytest.mark.parametrize("wrong", ["--dupe_fator=3", "--max_seq", "stray", "--runer=FlinkRunner"])
def test_what_nobody_knows_is_an_error(wrong: str) -> None:
    with pytest.raises(UserError, match=f"unknown argument {wrong}; "):
        _read(InstanceSettings, "--input=a", "--output=b", wrong)


def test_a_value_that_beam_does_not_take_is_one_line() -> None:
    with pytest.raises(UserError, match=r"argument --direct_num_workers: invalid int value: 'x' \(an option of Beam\)"):
        _read(InstanceSettings, "--input=a", "--output=b", "--direct_num_workers=x")


def test_two_jobs_share_the_settings_they_have_in_common() -> None:
    parser = settings_parser(SegmentSettings, "job", "A job.")
    add_settings(parser, InstanceSettings)
    namespace, _ = split_beam_arguments(parser, ["--input=a", "--output=b", "--random_seed=7", "--dupe_factor=2"])
    assert read_settings(SegmentSettings, namespace).random_seed == 7
    instances = read_settings(InstanceSettings, namespace, output="b/instances")
    assert (instances.random_seed, instances.dupe_factor, instances.output) == (7, 2, "b/instances")


def test_help_teaches_every_setting() -> None:
    for settings_class in (SegmentSettings, InstanceSettings, VocabularySettings):
        text = " ".join(settings_parser(settings_class, "job", "A job.").format_help().split())
        for field in dataclasses.fields(settings_class):
            assert f"--{field.name}" in text
            if field.default not in ("", ()) and not isinstance(field.default, bool):
                assert f"(default: {field.default})" in text
