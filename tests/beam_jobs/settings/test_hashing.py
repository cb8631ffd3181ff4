"""The hash of the settings: of what decides the bytes, and nothing else."""

import dataclasses
import hashlib

import pytest

from beam_jobs.settings import (
    InstanceSettings,
    SegmentSettings,
    VocabularySettings,
    output_settings,
    settings_hash,
)
from beam_jobs.settings.hashing import with_young_settings

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


HASHED = {
    SegmentSettings: '{"format": 1, "job": "SegmentSettings", "plan": "p", "settings": {"dev_fraction": 0.0, '
    '"documents_are": "files", "id_field": "id", "language": "", "language_field": "lang", "normalize": "nfc", '
    '"random_seed": 42, "shard_mb": 100.0, "test_fraction": 0.0, "text_field": "text"}}',
    InstanceSettings: '{"format": 1, "job": "InstanceSettings", "plan": "p", "settings": {"compatibility": "fixed", '
    '"dupe_factor": 10, "gzipped": true, "masked_lm_prob": 0.15, "masking": "whole_word", '
    '"max_input_chars_per_word": 200, "max_predictions_per_seq": 19, "max_seq_length": 128, '
    '"model_class": "bert_multi_cased", "objective": "nsp", "random_seed": 42, "replace_per": "piece", '
    '"shard_mb": 100.0, "short_seq_prob": 0.1}}',
    VocabularySettings: '{"format": 1, "job": "VocabularySettings", "plan": "p", "settings": {"alphabet_size": 1000, '
    '"lower_case": false, "min_frequency": 2, "name": "custom", "normalize": "nfc", "text_field": "text", '
    '"vocab_size": 32000}}',
}
"""What is hashed, written down: folders that exist were made with these hashes and resume with them."""


@pytest.mark.parametrize("settings_class", CLASSES)
def test_the_hash_is_of_exactly_this_content(settings_class: type) -> None:
    wanted = hashlib.sha256(HASHED[settings_class].encode()).hexdigest()[:16]
    assert settings_hash(settings_class(("in",), "out"), plan="p") == wanted


def test_a_young_setting_is_in_the_hash_only_if_it_is_not_its_default() -> None:
    all_text = VocabularySettings(("in",), "out")
    sample = dataclasses.replace(all_text, sample_mb=300.0)
    assert "sample_mb" not in output_settings(all_text)
    assert with_young_settings(output_settings(all_text), VocabularySettings)["sample_mb"] == 0.0
    assert with_young_settings(output_settings(sample), VocabularySettings)["sample_mb"] == 300.0
    assert settings_hash(sample) != settings_hash(all_text)


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
