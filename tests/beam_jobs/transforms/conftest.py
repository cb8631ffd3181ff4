"""Small inputs and jobs for the transforms' tests."""

import bz2
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from beam_jobs.records import Document, Rejection
from beam_jobs.settings import SegmentSettings
from beam_jobs.transforms.findings import Findings
from beam_jobs.transforms.plan_ranges import InputPiece
from beam_jobs.transforms.read_documents import read_documents

Read = Callable[..., tuple[list[Document], list[Rejection], Findings]]


@pytest.fixture(scope="session")
def compressors() -> dict[str, Callable[[bytes], bytes]]:
    """What makes a file of each ending."""
    zstd = zstandard.ZstdCompressor(write_checksum=True).compress
    return {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstd}


@pytest.fixture
def read() -> Read:
    """Read a file as one piece, or the range [start, end) of it: documents, rejections, findings."""

    def read_file(path: Path, start: int = 0, end: int = -1, **settings: object):
        rejections: list[Rejection] = []
        findings = Findings(path.name, rejections.append)
        piece = InputPiece(str(path), path.name, path.name, start, end, path.stat().st_size)
        documents = list(read_documents(piece, SegmentSettings(**settings), findings))
        return documents, rejections, findings

    return read_file


@pytest.fixture(scope="session")
def json_line() -> Callable[..., bytes]:
    """A JSON line of these fields."""
    return lambda **fields: json.dumps(fields, ensure_ascii=False).encode() + b"\n"
