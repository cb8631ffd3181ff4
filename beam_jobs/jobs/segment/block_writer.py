"""Sentence text in document-aligned blocks: the unit that shards are shuffled and packed from."""

from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import google_crc32c

MAX_BLOCK_BYTES = 4 << 20
_BLOCK_SHARE = 0.04  # of a shard: 25 blocks or more from all over the corpus, and sizes that come out right


@dataclass(frozen=True, slots=True)
class Block:
    """Whole documents of one split, `bytes` long at `offset` of an intermediate file, and their CRC-32C in hex."""

    split: str
    offset: int
    bytes: int
    documents: int
    sentences: int
    crc32c: str

    def to_json(self) -> dict[str, Any]:
        """The block as a JSON object."""
        return asdict(self)


def block_bytes(shard_bytes: float) -> int:
    """How large a block should be for shards of this size."""
    return max(1, min(MAX_BLOCK_BYTES, int(shard_bytes * _BLOCK_SHARE)))


class BlockWriter:
    """Writes documents to one stream, those of a split together, a block as soon as it is full.

    A document is its sentences, one a line, and a blank line: documents can be put together in any order.
    """

    def __init__(self, stream: BinaryIO, block_bytes: int) -> None:
        self.blocks: list[Block] = []
        self.written = 0
        self._stream, self._block_bytes = stream, block_bytes
        self._open: dict[str, _OpenBlock] = {}

    def add(self, split: str, sentences: list[str]) -> int:
        """Add a document; the bytes it takes."""
        document = ("\n".join(sentences) + "\n\n").encode()
        block = self._open.setdefault(split, _OpenBlock())
        if block.bytes and block.bytes + len(document) > self._block_bytes:
            self._close(split)
            block = self._open[split]
        block.parts.append(document)
        block.bytes += len(document)
        block.sentences += len(sentences)
        return len(document)

    def finish(self) -> None:
        """Write what is still held."""
        for split in sorted(self._open):
            if self._open[split].bytes:
                self._close(split)

    def _close(self, split: str) -> None:
        block = self._open[split]
        data = b"".join(block.parts)
        self._stream.write(data)
        crc32c = google_crc32c.Checksum(data).hexdigest().decode()
        self.blocks.append(Block(split, self.written, block.bytes, len(block.parts), block.sentences, crc32c))
        self.written += block.bytes
        self._open[split] = _OpenBlock()


class _OpenBlock:
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.bytes = self.sentences = 0
