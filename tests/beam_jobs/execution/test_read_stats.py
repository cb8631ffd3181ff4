import pytest

from beam_jobs.errors import UserError
from beam_jobs.execution.read_stats import read_stats
from beam_jobs.execution.write_stats import write_manifest_and_stats
from beam_jobs.records import Manifest


def test_what_was_written_is_read(tmp_path):
    write_manifest_and_stats(str(tmp_path), Manifest("sentences", "h", {}, ()), {"documents": 3})
    assert read_stats(str(tmp_path))["documents"] == 3


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff"])
def test_damaged_statistics_are_one_line(tmp_path, data):
    (tmp_path / "corpus_stats.json").write_bytes(data)
    with pytest.raises(
        UserError, match=r"corpus_stats\.json: holds no statistics \(.*remove that folder and run the job"
    ):
        read_stats(str(tmp_path))


def test_those_of_a_newer_version_are_refused(tmp_path):
    (tmp_path / "corpus_stats.json").write_text('{"format": 2}')
    with pytest.raises(UserError, match=r"corpus_stats\.json: its format is 2, .*; update beambert"):
        read_stats(str(tmp_path))
