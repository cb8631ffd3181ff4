import json
import logging

import numpy as np
import pytest

from beam_jobs.errors import UserError
from trainer.data.record_index import INDEX_FOLDER, RecordIndex


@pytest.fixture(autouse=True)
def _no_cache_of_others(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path, serialise, frame, dynamic):
    """A folder with a shard of three dynamic records, of 11, 5 and 11 pieces."""
    short = dynamic(input_ids=[2, 8, 6, 10, 3], segment_lengths=[5, 0], word_starts=[bytes([0b10111])])
    data = frame([serialise(dynamic()), serialise(short), serialise(dynamic())])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.tfrecord").write_bytes(data)
    return tmp_path / "data"


def count(folder, tolerant=False, name="a.tfrecord"):
    index = RecordIndex(str(folder))
    found = index.count(name, str(folder / name), (folder / name).stat().st_size, tolerant)
    index.save()
    return found


def test_records_are_counted_once_and_again_when_the_size_changes(folder, caplog):
    with caplog.at_level(logging.INFO, logger="trainer"):
        assert [count(folder), count(folder)] == [3, 3]
        assert caplog.text.count("counting its records, once") == 1
        data = (folder / "a.tfrecord").read_bytes()
        (folder / "a.tfrecord").write_bytes(data + data)
        assert count(folder) == 6
        assert caplog.text.count("counting its records, once") == 2
    kept = json.loads((folder / INDEX_FOLDER / "record_counts.json").read_text())
    assert kept == {"a.tfrecord": [2 * len(data), 6]}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a.tfrecord": [1]}', '{"a.tfrecord": ["1", 2]}', '{"a.tfrecord": 5}']
)
def test_a_spoilt_index_is_made_again(folder, text):
    (folder / INDEX_FOLDER).mkdir()
    (folder / INDEX_FOLDER / "record_counts.json").write_text(text)
    assert count(folder) == 3


def test_damage_is_an_error_or_where_the_shard_ends(folder):
    path = folder / "a.tfrecord"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(UserError, match=r"a\.tfrecord"):
        count(folder)
    assert count(folder, tolerant=True) == 2
    with pytest.raises(UserError, match=r"a\.tfrecord"):
        count(folder)  # what was found so is not kept


def test_lengths_are_measured_once(folder, caplog):
    path = folder / "a.tfrecord"
    with caplog.at_level(logging.INFO, logger="trainer"):
        for _ in range(2):
            index = RecordIndex(str(folder))
            lengths = index.lengths("a.tfrecord", str(path), path.stat().st_size, 3, False)
            assert (lengths.dtype, lengths.tolist()) == (np.dtype("<u2"), [11, 5, 11])
    assert caplog.text.count("measuring its records, once") == 1


def test_where_the_folder_cannot_be_written_the_users_cache_serves(folder, tmp_path):
    (folder / INDEX_FOLDER).touch()  # a file where the folder should be
    assert count(folder) == 3
    assert list((tmp_path / "cache" / "beambert" / "index").glob("*/record_counts.json"))
