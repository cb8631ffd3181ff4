"""Texts at their places in the input: the same documents that the readers gave, in every format."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs import storage
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.inputs.plan_ranges import FORMATS, InputPiece
from beam_jobs.inspection.filtered import source_documents as module
from beam_jobs.inspection.filtered.source_documents import Place, source_documents
from beam_jobs.settings import SegmentSettings

LINES = b"".join(json.dumps({"id": str(i), "text": f"dokument {i}"}).encode() + b"\n" for i in range(50))


def source_texts(places: Iterable[Place], settings: SegmentSettings) -> dict[Place, str]:
    return {place: document.text for place, document in source_documents(places, settings).items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The same documents in many formats."""
    made = tmp_path / "in"
    (made / "deep").mkdir(parents=True)
    (made / "deep/a.jsonl").write_bytes(LINES)
    (made / "b.jsonl.gz").write_bytes(gzip.compress(LINES))
    (made / "c.json").write_text(json.dumps([json.loads(line) for line in LINES.splitlines()]))
    (made / "d.txt").write_text("".join(f"avsnitt {i}\nlinje to\n\n" for i in range(50)))
    pq.write_table(pa.table({"text": [f"rad {i}" for i in range(50)]}), made / "e.parquet", row_group_size=7)
    with tarfile.open(made / "f.tar", "w") as archive:
        member = tarfile.TarInfo("inner/a.jsonl")
        member.size = len(LINES)
        archive.addfile(member, io.BytesIO(LINES))
    return made


@pytest.mark.parametrize("documents_are", ["files", "paragraph_blocks"])
def test_every_document_is_found_at_its_place(folder: Path, documents_are: str) -> None:
    settings = SegmentSettings((str(folder),), "out", documents_are=documents_are)
    expected = {}
    for file in list_inputs(settings.input, FORMATS):
        piece = InputPiece(file.uri, file.name, file.name, 0, -1, file.size)
        for document in read_documents(piece, settings, SourceFaults(file.name, lambda _: None)):
            expected[document.source, document.offset] = document.text
    assert len(expected) == (251 if documents_are == "files" else 300)
    some = dict(list(expected.items())[::7])
    assert source_texts(some, settings) == some


def test_a_place_where_no_document_begins_and_a_file_that_is_gone_give_nothing(folder: Path) -> None:
    settings = SegmentSettings((str(folder),), "out")
    assert source_texts([("deep/a.jsonl", 1), ("deep/a.jsonl", 10**9), ("gone.jsonl", 0)], settings) == {}
    (folder / "b.jsonl.gz").write_bytes(b"no gzip")
    assert source_texts([("b.jsonl.gz", 0), ("deep/a.jsonl", 0)], settings) == {("deep/a.jsonl", 0): "dokument 0"}
    assert source_texts([("a", 0)], SegmentSettings((str(folder / "none"),), "out")) == {}


def test_a_compressed_file_is_not_read_for_ever(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "_MOST_CHARACTERS", 100)
    far = LINES.index(b'{"id": "40"')
    settings = SegmentSettings((str(folder),), "out")
    assert source_texts([("b.jsonl.gz", far), ("deep/a.jsonl", far)], settings) == {
        ("deep/a.jsonl", far): "dokument 40"
    }


def test_documents_in_stores(bucket: str) -> None:
    storage.write_atomically(f"{bucket}/shown/a.jsonl", LINES)
    storage.write_atomically(f"{bucket}/shown/b.jsonl.gz", gzip.compress(LINES))
    places = {(name, LINES.index(b'{"id": "40"')): "dokument 40" for name in ("a.jsonl", "b.jsonl.gz")}
    assert source_texts(places, SegmentSettings((f"{bucket}/shown",), "out")) == places
