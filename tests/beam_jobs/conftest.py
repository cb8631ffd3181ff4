"""Small inputs and jobs for the jobs' tests; corpora for those of the instances, and how their records are read back."""

import bz2
import gzip
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import zstandard

from beam_jobs.decoding.parse_example import parse_example
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.records import Document, Rejection
from beam_jobs.settings import SegmentSettings
from beam_jobs.tokenizer.tokenize import TokenizedShard
from vocab.vocabulary import Vocabulary, parse_vocabulary

Read = Callable[..., tuple[list[Document], list[Rejection], SourceFaults]]


@pytest.fixture(scope="session")
def compressors() -> dict[str, Callable[[bytes], bytes]]:
    """What makes a file of each ending."""
    zstd = zstandard.ZstdCompressor(write_checksum=True).compress
    return {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstd}


@pytest.fixture
def read() -> Read:
    """Read a file as one piece, or the range [start, end) of it: documents, rejections, faults."""

    def read_file(path: Path, start: int = 0, end: int = -1, **settings: object):
        rejections: list[Rejection] = []
        faults = SourceFaults(path.name, rejections.append)
        piece = InputPiece(str(path), path.name, path.name, start, end, path.stat().st_size)
        documents = list(read_documents(piece, SegmentSettings(**settings), faults))
        return documents, rejections, faults

    return read_file


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[[bytes, str], Path]:
    """Writes a file of these bytes and this name; returns its path."""

    def write(data: bytes, name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture(scope="session")
def json_line() -> Callable[..., bytes]:
    """A JSON line of these fields."""
    return lambda **fields: json.dumps(fields, ensure_ascii=False).encode() + b"\n"


SPECIAL = ["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

Documents = Sequence[Sequence[Sequence[bool]]]
"""Documents of sentences of pieces: whether a piece begins a word."""


def _numbered(documents: Documents) -> tuple[TokenizedShard, Vocabulary]:
    flags = [flag for document in documents for sentence in document for flag in sentence]
    pieces = [f"{'' if flag else '##'}p{i}" for i, flag in enumerate(flags)]
    sentences = [len(sentence) for document in documents for sentence in document]
    shard = TokenizedShard(
        ids=np.arange(len(SPECIAL), len(SPECIAL) + len(flags), dtype=np.int32),
        sentence_starts=np.cumsum([0, *sentences], dtype=np.int64),
        document_starts=np.cumsum([0, *map(len, documents)], dtype=np.int64),
    )
    return shard, parse_vocabulary("\n".join([*SPECIAL, *pieces]).encode(), "numbered")


@pytest.fixture(scope="session")
def numbered() -> Callable[[Documents], tuple[TokenizedShard, Vocabulary]]:
    """Makes a shard in which every piece has an id of its own, so that an id tells where a piece comes from."""
    return _numbered


@pytest.fixture(scope="session")
def first_id() -> int:
    """The id of the first piece of a numbered shard."""
    return len(SPECIAL)


def _records(framed: bytes) -> list[bytes]:
    records, at = [], 0
    while at < len(framed):
        size = int.from_bytes(framed[at : at + 8], "little")
        records.append(framed[at + 12 : at + 12 + size])
        at += 12 + size + 4
    assert at == len(framed)
    return records


@pytest.fixture(scope="session")
def decoded() -> Callable[[bytes], list[dict[str, np.ndarray]]]:
    """Reads frames back to one dictionary of features per record."""
    return lambda framed: [parse_example(record) for record in _records(framed)]


@pytest.fixture(scope="session")
def real_documents() -> list[list[list[bool]]]:
    """Real text: Python's language reference, a topic a document; words of more than 5 characters are several pieces."""
    from pydoc_data.topics import topics

    documents = []
    for name in sorted(topics):
        sentences = []
        for sentence in re.split(r"(?<=[.:!?])\s+|\n\n+", topics[name]):
            words = re.findall(r"\w+|[^\w\s]", sentence)
            pieces = [at == 0 for word in words for at in range(0, len(word), 5)]
            if pieces:
                sentences.append(pieces)
        if sentences:
            documents.append(sentences)
    return documents
