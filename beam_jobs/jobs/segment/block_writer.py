"""Writes sentence text in blocks of whole documents. Shards are made of shuffled blocks."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, NamedTuple

import google_crc32c

MAX_BLOCK_BYTES = 4 << 20
_BLOCK_SHARE = 0.04  # of a shard, so that a shard has 25 or more blocks from all over the corpus, and the right size


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Whole documents of one split: `bytes` bytes at `offset` of an intermediate file, with their CRC-32C in hex."""

    split: str
    offset: int
    bytes: int
    documents: int
    sentences: int
    crc32c: str

    def to_json(self) -> dict[str, Any]:
        """The block as a JSON object."""
        return asdict(self)


class WrittenDocument(NamedTuple):
    """A document as it is written, and where: at `begin` of a block, the `block`-th of its split in the file, from 0."""

    block: int
    begin: int
    text: bytes


def block_bytes(shard_bytes: float) -> int:
    """The size of a block for shards of this size, in bytes."""
    return max(1, min(MAX_BLOCK_BYTES, int(shard_bytes * _BLOCK_SHARE)))


class BlockWriter:
    """Writes documents to one stream, in blocks of one split. A block is written as soon as it is full.

    A document is written as its sentences, one a line, and a blank line. So documents can be joined in any order.
    """

    def __init__(self, stream: BinaryIO, block_bytes: int) -> None:
        self.blocks: list[TextBlock] = []
        self.written = 0
        self._stream, self._block_bytes = stream, block_bytes
        self._open: dict[str, _OpenBlock] = {}
        self._closed: Counter[str] = Counter()  # blocks by split

    def add(self, split: str, sentences: list[str]) -> WrittenDocument:
        """Add a document. Returns where it will be."""
        document = ("\n".join(sentences) + "\n\n").encode()
        block = self._open.setdefault(split, _OpenBlock())
        if block.bytes and block.bytes + len(document) > self._block_bytes:
            self._close(split)
            block = self._open[split]
        written = WrittenDocument(self._closed[split], block.bytes, document)
        block.parts.append(document)
        block.bytes += len(document)
        block.sentences += len(sentences)
        return written

    def finish(self) -> None:
        """Write the blocks that are not full yet."""
        for split in sorted(self._open):
            if self._open[split].bytes:
                self._close(split)

    def _close(self, split: str) -> None:
        block = self._open[split]
        data = b"".join(block.parts)
        self._stream.write(data)
        crc32c = google_crc32c.Checksum(data).hexdigest().decode()
        self.blocks.append(TextBlock(split, self.written, block.bytes, len(block.parts), block.sentences, crc32c))
        self.written += block.bytes
        self._open[split] = _OpenBlock()
        self._closed[split] += 1


class _OpenBlock:
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.bytes = self.sentences = 0
