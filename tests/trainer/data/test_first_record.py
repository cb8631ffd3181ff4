import dataclasses

import pytest

from beam_jobs.errors import UserError
from trainer.data.batch_settings import BatchSettings
from trainer.data.first_record import first_record_is_dynamic
from trainer.data.split import open_split

STATIC = BatchSettings(14, 4, 8, 0)
DYNAMIC = BatchSettings(16, 4, 8, 0)


@pytest.fixture
def split(tmp_path, serialise, frame, monkeypatch):
    """Shards of these records in a folder without a manifest."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def make(*shards):
        folder = tmp_path / "data"
        folder.mkdir()
        for i, records in enumerate(shards):
            (folder / f"{i}.tfrecord").write_bytes(frame([serialise(record) for record in records]))
        return open_split(str(folder), "default")

    return make


def test_what_the_first_record_is(split, classic):
    assert first_record_is_dynamic(split([classic()]), STATIC) is False


def test_an_empty_shard_says_nothing(split, dynamic):
    assert first_record_is_dynamic(split([], [dynamic()]), DYNAMIC) is True


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sequence_length": 16}, "record 0 does not fit: it has 14 pieces, but the phase has sequence_length 16"),
        ({"max_predictions": 3}, "record 0 does not fit: it has 4 predictions, but the phase 3"),
        ({"vocab_size": 10}, "record 0 does not fit: it has the piece id 13"),
        ({"packing": True}, "packing needs records made with --masking=dynamic"),
    ],
)
def test_a_record_that_does_not_fit_is_told_before_training(split, classic, changes, message):
    with pytest.raises(UserError, match=message):
        first_record_is_dynamic(split([classic()]), dataclasses.replace(STATIC, **changes))


def test_labels_are_needed_only_where_the_phase_learns_from_them(split, classic):
    record = classic()
    del record["next_sentence_labels"]
    there = split([record])
    with pytest.raises(UserError, match="it has no next_sentence_labels"):
        first_record_is_dynamic(there, STATIC)
    assert first_record_is_dynamic(there, dataclasses.replace(STATIC, next_sentence=False)) is False


def test_other_records_are_no_instances(split):
    with pytest.raises(UserError, match="no pretraining instance: it has no "):
        first_record_is_dynamic(split([{"text": [b"x"]}]), STATIC)
