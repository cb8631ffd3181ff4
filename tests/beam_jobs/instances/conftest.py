"""Corpora for the tests of the instances, and how their records are read back."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from beam_jobs.instances.decode import parse_example
from beam_jobs.instances.tokenize import TokenizedShard
from vocab.vocabulary import Vocabulary, parse_vocabulary

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
