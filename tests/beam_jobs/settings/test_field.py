"""What `--help` shows for the value of a setting: its kind or unit, never a word of the flag's name."""

import dataclasses

from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings
from beam_jobs.settings.field import setting

KINDS = {
    "INT",
    "NUMBER",
    "TEXT",
    "PATH",
    "DIR|URI",
    "DIR",
    "FILE",
    "NAME|FILE",
    "NAME",
    "FIELD",
    "CODE",
    "MB",
    "PROB",
    "SHARE",
}


def test_a_metavar_is_named_or_follows_from_the_type_or_the_choices() -> None:
    assert setting(1, "").metadata["metavar"] == "INT"
    assert setting(1.5, "").metadata["metavar"] == "NUMBER"
    assert setting("", "").metadata["metavar"] == "TEXT"
    assert setting((), "").metadata["metavar"] == "PATH"
    assert setting("a", "", choices=("a", "b")).metadata["metavar"] == "a|b"
    assert setting(1.5, "", metavar="MB").metadata["metavar"] == "MB"


def test_every_setting_shows_its_kind_or_its_choices() -> None:
    for settings_class in (SegmentSettings, InstanceSettings, VocabularySettings):
        for field in dataclasses.fields(settings_class):
            metavar, choices = field.metadata["metavar"], field.metadata["choices"]
            if isinstance(field.default, bool):
                assert metavar == ""
            else:
                assert metavar in KINDS or metavar == "|".join(choices), field.name
            if isinstance(field.default, int):
                assert metavar in ("INT", ""), field.name


def test_the_units_that_users_meet() -> None:
    shown = {field.name: field.metadata["metavar"] for field in dataclasses.fields(InstanceSettings)}
    assert shown["masked_lm_prob"] == "PROB"
    assert shown["shard_mb"] == "MB"
    assert shown["vocab_file"] == "FILE"
    assert shown["model_class"] == "NAME|FILE"
    assert shown["masking"] == "whole_word|wordpiece|span|ngram|dynamic"
