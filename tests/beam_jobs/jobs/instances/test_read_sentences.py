"""Ranges of a sentence file hold every document once, whatever the cuts; loads end between documents."""

import gzip
import io
from itertools import pairwise
from pathlib import Path

import google_crc32c
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from beam_jobs.jobs.instances.plan_instances import SentenceRange
from beam_jobs.jobs.instances.read_sentences import _document_start, read_loads

LINES = st.lists(st.sampled_from(["", "", "  ", "\u00a0", "a", "bb b", "æøå å", "word " * 5]), max_size=30)


def _documents(data: bytes) -> list[list[str]]:
    documents: list[list[str]] = [[]]
    for line in data.decode().split("\n"):
        if line.strip():
            documents[-1].append(line)
        elif documents[-1]:
            documents.append([])
    return [document for document in documents if document]


def _read(parts: list[SentenceRange], load_bytes: int = 1 << 40) -> list[bytes]:
    return [b"".join(load) for load in read_loads(parts, load_bytes)]


def _part(path: Path, start: int = 0, end: int = -1, crc32c: str = "") -> SentenceRange:
    return SentenceRange(str(path), path.name, start, end, path.stat().st_size, crc32c)


@given(lines=LINES, trailing=st.booleans(), cuts=st.lists(st.integers(0, 200), max_size=4))
def test_ranges_hold_every_document_once(tmp_path_factory, lines: list[str], trailing: bool, cuts: list[int]) -> None:
    path = tmp_path_factory.mktemp("sentences") / "a.txt"
    data = ("\n".join(lines) + ("\n" if trailing else "")).encode()
    path.write_bytes(data)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found = [
        document
        for start, end in pairwise(edges)
        for document in _documents(b"".join(_read([_part(path, start, end)])))
    ]
    assert found == _documents(data)


@given(lines=LINES, load_bytes=st.integers(1, 100))
def test_loads_end_between_documents_and_hold_everything(tmp_path_factory, lines: list[str], load_bytes: int) -> None:
    path = tmp_path_factory.mktemp("sentences") / "a.txt"
    path.write_text("\n".join(lines))
    loads = _read([_part(path)], load_bytes)
    assert [document for load in loads for document in _documents(load)] == _documents(path.read_bytes())


def test_a_file_without_a_last_newline_does_not_run_on_into_the_next(tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("first\n\nlast of one")
    two.write_text("first of two\n")
    assert _documents(_read([_part(one), _part(two)])[0]) == [["first"], ["last of one"], ["first of two"]]


def test_a_large_compressed_file_comes_in_loads(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    text = "".join(f"sentence one of {i}\nsentence two of {i}\n\n" for i in range(2000)).encode()
    path.write_bytes(gzip.compress(text))
    loads = _read([_part(path)], 10_000)
    assert len(loads) > 5
    assert all(len(load) < 10_100 and load.endswith(b"\n\n") for load in loads)
    assert [document for load in loads for document in _documents(load)] == _documents(text)


def test_a_shard_is_checked_against_its_manifest(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a sentence\n\nanother\n\n")
    crc = google_crc32c.Checksum(path.read_bytes()).hexdigest().decode()
    assert _read([_part(path, crc32c=crc)]) == [path.read_bytes() + b"\n\n"]
    path.write_bytes(b"a sentence\n\nanother!\n")
    with pytest.raises(UserError, match=r"a\.txt.*manifest.*segment job again"):
        _read([_part(path, crc32c=crc)])


def test_a_truncated_gzip_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"a sentence\n\n" * 1000)[:-10])
    with pytest.raises(UserError, match=r"a\.txt\.gz is damaged.*mend or remove"):
        _read([_part(path)])


def test_the_blank_line_that_a_cut_touches_counts() -> None:
    starts = [_document_start(io.BytesIO(b"a\n\nb\n\nc\n"), offset) for offset in range(9)]
    assert starts == [0, 3, 3, 6, 6, 6, 8, 8, 8]
