"""Settings are checked before anything runs: a bad one is named in the message."""

import dataclasses

import pytest

from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

CLASSES = [SegmentSettings, InstanceSettings, VocabularySettings]


@pytest.mark.parametrize("settings_class", CLASSES)
def test_the_defaults_are_good_once_input_and_output_are_named(settings_class: type) -> None:
    settings_class(("in",), "out").validate()
    with pytest.raises(UserError, match="--input is missing"):
        settings_class((), "out").validate()
    with pytest.raises(UserError, match="--output is missing"):
        settings_class(("in",), "").validate()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (InstanceSettings(max_seq_length=4), "--max_seq_length 4"),
        (InstanceSettings(max_seq_length=512, max_predictions_per_seq=600), "try 77"),
        (InstanceSettings(masked_lm_prob=0.0), "--masked_lm_prob 0"),
        (InstanceSettings(short_seq_prob=-0.1), "--short_seq_prob"),
        (InstanceSettings(dupe_factor=0), "--dupe_factor 0"),
        (
            InstanceSettings(masking="words"),
            "--masking 'words' is not one of whole_word, wordpiece, span, ngram, dynamic",
        ),
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
