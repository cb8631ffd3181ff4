"""Small files of a store are fetched ahead, on loopback; tests/stores/test_rounds.py shows that it is at the same time."""

from pathlib import Path

import pytest

from beam_jobs import storage
from beam_jobs.documents import fetched_pieces as module
from beam_jobs.documents.fetched_pieces import fetched_pieces
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.errors import UserError
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.settings import SegmentSettings


def piece_of(uri, data, start=0, end=-1):
    storage.write_whole(uri, data)
    size, version = storage.state(uri)
    name = uri.rpartition("/")[2]
    return InputPiece(uri, name, name, start, end, size, file_size=size, version=version)


def test_small_files_are_copied_one_request_each_and_gone_afterwards(bucket, received, compressors, monkeypatch):
    monkeypatch.setattr(module, "_SMALL_BYTES", 100)
    gzipped = compressors[".gz"](b"zipped\n")
    pieces = [
        piece_of(f"{bucket}/fetched/a.txt", b"first\n"),
        piece_of(f"{bucket}/fetched/b.txt.gz", gzipped),
        piece_of(f"{bucket}/fetched/large.txt", b"x" * 101),
        piece_of(f"{bucket}/fetched/range.txt", b"one\ntwo\n", 0, 4),
        piece_of(f"{bucket}/fetched/empty.txt", b""),
    ]
    received.clear()
    found, paths = [], []
    for piece, copy in fetched_pieces(pieces):
        assert not any(Path(path).exists() for path in paths)
        found.append((piece.name, Path(copy).read_bytes() if copy else None))
        paths += [copy] if copy else []
    assert found == [
        ("a.txt", b"first\n"),
        ("b.txt.gz", gzipped),
        *((name, None) for name in ("large.txt", "range.txt", "empty.txt")),
    ]
    assert len(received) == 2
    assert paths[1].endswith(".txt.gz")
    documents = []
    for piece, copy in fetched_pieces(pieces[:2]):
        documents += read_documents(piece, SegmentSettings(), SourceFaults(piece.name, pytest.fail), copy=copy)
    assert [document.text for document in documents] == ["first\n", "zipped\n"]


def test_a_single_file_and_local_files_are_read_where_they_are(bucket, tmp_path):
    alone = piece_of(f"{bucket}/fetched/a.txt", b"first\n")
    assert list(fetched_pieces([alone])) == [(alone, "")]
    local = [piece_of(str(tmp_path / name), b"text\n") for name in ("a.txt", "b.txt")]
    assert list(fetched_pieces(local)) == [(piece, "") for piece in local]


def test_messages_name_the_file_and_not_its_copy(bucket):
    pieces = [piece_of(f"{bucket}/fetched/{name}.jsonl", b'{"content": "x"}\n') for name in ("a", "b")]
    settings = SegmentSettings(text_field="text")
    for piece, copy in fetched_pieces(pieces):
        faults = SourceFaults(piece.name, lambda rejection: None)
        list(read_documents(piece, settings, faults, copy=copy))
        storage.write_whole(piece.uri, b"another\n")
        with pytest.raises(UserError, match=rf"{piece.uri} changed while"):
            list(read_documents(piece, settings, faults, copy=copy))
