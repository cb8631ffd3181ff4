"""The hash of the settings: of what decides the bytes, and nothing else."""

import dataclasses

import pytest

from beam_jobs.settings import (
    InstanceSettings,
    SegmentSettings,
    VocabularySettings,
    output_settings,
    settings_hash,
)

CLASSES = [SegmentSettings, InstanceSettings, VocabularySettings]


@pytest.mark.parametrize("settings_class", CLASSES)
def test_the_hash_is_of_what_decides_the_bytes(settings_class: type) -> None:
    settings = settings_class(("in",), "out")
    same = dataclasses.replace(settings, input=("other",), output="elsewhere", max_num_cpus=3, run_name="again")
    assert settings_hash(settings, input="x") == settings_hash(same, input="x")
    assert settings_hash(settings, input="x") != settings_hash(settings, input="y")
    changed = set()
    for field in dataclasses.fields(settings_class):
        value = getattr(settings, field.name)
        other = ("z",) if isinstance(value, tuple) else f"{value}z" if isinstance(value, str) else value + 1
        if settings_hash(dataclasses.replace(settings, **{field.name: other})) != settings_hash(settings):
            changed.add(field.name)
    assert changed == {field.name for field in dataclasses.fields(settings_class) if field.metadata["affects_output"]}


def test_jobs_of_equal_settings_have_different_hashes() -> None:
    assert len({settings_hash(settings_class(("in",), "out")) for settings_class in CLASSES}) == len(CLASSES)


def test_a_language_by_name_is_hashed_as_its_code_and_other_spellings_as_they_are() -> None:
    """Corpora made before names were understood keep their hashes."""

    def hashed(language: str) -> str:
        return settings_hash(SegmentSettings(("in",), "out", language=language))

    assert hashed("norwegian") == hashed("Bokmål") == hashed("nb")
    spellings = ["", "nb", "no", "nob", "NO", "en-US", "en_GB", "en", "zh", "klingon"]
    assert len(set(map(hashed, spellings))) == len(spellings)
    for spelling in spellings:
        assert output_settings(SegmentSettings(language=spelling))["language"] == spelling
