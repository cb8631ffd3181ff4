from contextlib import ExitStack

import google_crc32c

from beam_jobs.faults.rejection_file import RejectionFile
from beam_jobs.records import Rejection


def test_the_file_is_made_at_the_first_rejection_and_appears_when_it_is_closed(tmp_path):
    path = tmp_path / "work" / "r.jsonl"
    with ExitStack() as stack:
        file = RejectionFile(str(path), str(tmp_path / "tmp"), stack)
        assert file.wrote == [0, "00000000"]
        file.write(Rejection("a", 1, "empty", "ø"))
        file.write(Rejection("a", 2, "empty", id="\udc80"))
        assert not path.exists()
        wrote = file.wrote
    data = path.read_bytes()
    assert data.splitlines() == [
        '{"source": "a", "offset": 1, "reason": "empty", "detail": "ø", "id": "", "size": 0}'.encode(),
        b'{"source": "a", "offset": 2, "reason": "empty", "detail": "", "id": "?", "size": 0}',
    ]
    assert wrote == [len(data), f"{google_crc32c.value(data):08x}"]


def test_without_a_rejection_there_is_no_file(tmp_path):
    with ExitStack() as stack:
        RejectionFile(str(tmp_path / "r.jsonl"), str(tmp_path / "tmp"), stack)
    assert list(tmp_path.iterdir()) == []
