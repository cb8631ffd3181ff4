import numpy as np

from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call, write_cut
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_parts
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import job_in


def test_a_call_writes_its_file_once_for_the_same_content(tmp_path):
    calls = []

    def write(stream: CheckedStream) -> dict[str, int]:
        calls.append(1)
        stream.write(b"abc")
        return {"links": 3}

    job = job_in(tmp_path)
    row = run_call("links", RoundTask(7, "x"), job, write)
    assert {name: row[name] for name in ("index", "links")} == {"index": 7, "links": 3}
    assert row["wrote"] == {"_work/links/000007.bin": [3, row["crc32c"]]}
    assert run_call("links", RoundTask(7, "x"), job, write) == row
    assert len(calls) == 1
    run_call("links", RoundTask(7, "other"), job, write)
    assert len(calls) == 2
    (tmp_path / "_work/links/000007.bin").write_bytes(b"abd")
    assert run_call("links", RoundTask(7, "other"), job, write)["crc32c"] == row["crc32c"]
    assert len(calls) == 3


def test_records_are_cut_before_places(tmp_path):
    path = tmp_path / "file"
    with path.open("wb") as file:
        write_cut(CheckedStream(file), np.arange(5, dtype="<u4"), [0, 2, 2])
    parts = read_parts(str(path), 0, 0, 4)
    assert [np.frombuffer(part, "<u4").tolist() for part in parts] == [[], [0, 1], [], [2, 3, 4]]
    assert round_file("links", 7, "/out") == "/out/_work/links/000007.bin"
