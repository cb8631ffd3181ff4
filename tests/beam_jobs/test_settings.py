"""Settings: checked, named in their messages, hashed by what decides the bytes."""

import dataclasses

import pytest

from beam_jobs.settings import (
    InstanceSettings,
    SegmentSettings,
    VocabularySettings,
    output_settings,
    settings_hash,
    to_json,
)
from vocab.errors import UserError

CLASSES = [SegmentSettings, InstanceSettings, VocabularySettings]


@pytest.mark.parametrize("settings_class", CLASSES)
def test_the_defaults_are_good_once_input_and_output_are_named(settings_class: type) -> None:
    settings_class(("in",), "out").validate()
    with pytest.raises(UserError, match="--input is missing"):
        settings_class((), "out").validate()
    with pytest.raises(UserError, match="--output is missing"):
        settings_class(("in",), "").validate()


def test_the_names_and_defaults_that_users_know() -> None:
    known = {
        "max_seq_length": 128,
        "max_predictions_per_seq": 19,
        "masked_lm_prob": 0.15,
        "short_seq_prob": 0.1,
        "random_seed": 42,
        "num_logged_samples": 10,
    }
    defaults = to_json(InstanceSettings())
    assert {name: defaults[name] for name in known} == known
    assert {"dupe_factor", "model_class", "vocab_dir", "vocab_file", "gzipped", "max_num_cpus", "run_name"} <= set(
        defaults
    )


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (InstanceSettings(max_seq_length=4), "--max_seq_length 4"),
        (InstanceSettings(max_seq_length=512, max_predictions_per_seq=600), "try 77"),
        (InstanceSettings(masked_lm_prob=0.0), "--masked_lm_prob 0"),
        (InstanceSettings(short_seq_prob=-0.1), "--short_seq_prob"),
        (InstanceSettings(dupe_factor=0), "--dupe_factor 0"),
        (InstanceSettings(masking="words"), "--masking 'words' is not one of whole_word, wordpiece, span, dynamic"),
        (InstanceSettings(num_logged_samples=-1), "--num_logged_samples -1"),
        (InstanceSettings(max_input_chars_per_word=0), "--max_input_chars_per_word"),
        (SegmentSettings(shard_mb=0), "--shard_mb 0"),
        (SegmentSettings(dev_fraction=0.6, test_fraction=0.5), "--dev_fraction and --test_fraction"),
        (SegmentSettings(text_field=""), "--text_field"),
        (SegmentSettings(documents_are="pages"), "--documents_are"),
        (VocabularySettings(vocab_size=5), "--vocab_size 5"),
        (VocabularySettings(min_frequency=0), "--min_frequency"),
        (InstanceSettings(shards_per_worker=0), "--shards_per_worker 0"),
    ],
)
def test_a_bad_setting_is_named_with_a_remedy(settings: InstanceSettings, says: str) -> None:
    with pytest.raises(UserError, match="--") as error:
        dataclasses.replace(settings, input=("in",), output="out").validate()
    assert says in str(error.value)
    assert "\n" not in str(error.value)


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


def test_dynamic_masking_writes_one_copy() -> None:
    assert InstanceSettings(dupe_factor=6).copies == 6
    assert InstanceSettings(dupe_factor=6, masking="dynamic").copies == 1


def test_a_language_by_name_is_hashed_as_its_code_and_other_spellings_as_they_are() -> None:
    """Corpora made before names were understood keep their hashes."""

    def hashed(language: str) -> str:
        return settings_hash(SegmentSettings(("in",), "out", language=language))

    assert hashed("norwegian") == hashed("Bokmål") == hashed("nb")
    spellings = ["", "nb", "no", "nob", "NO", "en-US", "en_GB", "en", "zh", "klingon"]
    assert len(set(map(hashed, spellings))) == len(spellings)
    for spelling in spellings:
        assert output_settings(SegmentSettings(language=spelling))["language"] == spelling
