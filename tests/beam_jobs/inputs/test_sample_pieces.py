import gzip
import io
import json
import random
import tarfile
from pathlib import Path

import pytest

from beam_jobs.documents.read_documents import read_documents
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.inputs.plan_ranges import FORMATS, plan_ranges
from beam_jobs.inputs.sample_pieces import sample_pieces
from beam_jobs.settings import SegmentSettings

LINES = [
    json.dumps({"id": str(i), "text": f"{random.Random(i).random()} " * 20}).encode() + b"\n" for i in range(20_000)
]
DATA = b"".join(LINES)
SAMPLE = 1 << 18


def _tar(data: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for number in range(0, len(LINES), 100):
            part = b"".join(LINES[number : number + 100])
            member = tarfile.TarInfo(f"{number}.jsonl")
            member.size = len(part)
            archive.addfile(member, io.BytesIO(part))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "stored"),
    [("a.jsonl", DATA), ("a.jsonl.gz", gzip.compress(DATA)), ("a.tgz", _tar(DATA))],
    ids=["plain", "compressed", "archive"],
)
def test_a_sample_gives_as_many_documents_for_a_byte_as_the_input(tmp_path: Path, name: str, stored: bytes) -> None:
    path = tmp_path / "raw" / name
    path.parent.mkdir()
    path.write_bytes(stored)
    settings = SegmentSettings((str(path),), "out")
    items = plan_ranges(list_inputs([str(path.parent)], FORMATS), settings)
    (tmp_path / "heads").mkdir()
    sample = sample_pieces(items, str(tmp_path / "heads"), SAMPLE)
    documents = [
        document
        for piece in sample.pieces
        for document in read_documents(piece, settings, SourceFaults(piece.name, lambda _: None))
    ]
    assert 0 < sample.size < len(stored) / 4
    assert len(documents) / sample.size == pytest.approx(len(LINES) / len(stored), rel=0.15)


def test_tiny_files_are_taken_whole_and_more_of_them(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number:03d}.txt").write_text(f"Text {number}.")
    items = plan_ranges(list_inputs([str(tmp_path)], FORMATS), SegmentSettings((str(tmp_path),), "out"))
    sample = sample_pieces(items, str(tmp_path / "heads"))
    assert len(sample.pieces) == 128
    assert len({piece.uri for piece in sample.pieces}) == 128
    assert not (tmp_path / "heads").exists()


def test_an_input_without_a_byte_gives_an_empty_sample(tmp_path: Path) -> None:
    assert sample_pieces([], str(tmp_path)).pieces == ()
