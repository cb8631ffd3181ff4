"""Reads sentence shards in blocks that end at the end of a line, and in loads that end at the end of a document."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import google_crc32c

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.faults.text_head import HEAD_BYTES, judge_head
from beam_jobs.inputs.find_sentences import MAKE_AGAIN
from beam_jobs.inputs.require_unchanged import require_unchanged
from beam_jobs.jobs.instances.plan_instances import SentenceRange

_BLOCK = 4 << 20
_DOCUMENT_BREAK = b"\n\n"


def read_loads(parts: Iterable[SentenceRange], load_bytes: int) -> Iterator[Iterator[bytes]]:
    """The text of `parts` as loads of about `load_bytes`, each an iterator over blocks of a few MB.

    A block ends after a newline, except perhaps the last of a file. Parts are separated by a blank line, so that no
    document continues in the next file. A load ends between documents as soon as it holds `load_bytes`, so that a
    compressed file of any size is read with the memory of one load. A load must be read to its end before the next one.

    Raises:
        UserError: a file cannot be read, is not UTF-8, has changed since it was planned, or differs from its manifest.
    """
    blocks = _text(parts)
    left_over: list[bytes] = []

    def one_load() -> Iterator[bytes]:
        size = 0
        while True:
            block = left_over.pop() if left_over else next(blocks, None)
            if block is None:
                return
            if size + len(block) > load_bytes:
                cut = block.find(_DOCUMENT_BREAK, max(0, load_bytes - size))
                if cut >= 0:
                    cut += len(_DOCUMENT_BREAK)
                    if cut < len(block):
                        left_over.append(block[cut:])
                    yield block[:cut]
                    return
            size += len(block)
            yield block

    while True:
        if not left_over:
            first = next(blocks, None)
            if first is None:
                return
            left_over.append(first)
        yield one_load()


def _text(parts: Iterable[SentenceRange]) -> Iterator[bytes]:
    for part in parts:
        yield from _part_blocks(part)
        yield _DOCUMENT_BREAK


def _part_blocks(part: SentenceRange) -> Iterator[bytes]:
    checksum = google_crc32c.Checksum()
    try:
        end = _end(part) if part.end >= 0 else None
        if part.start and not part.crc32c:
            with storage.open_input(part.uri, 0, HEAD_BYTES) as stream:
                _require_utf8(stream.read(HEAD_BYTES), part)
        with storage.open_input(part.uri, max(0, part.start - 1), -1 if end is None else end) as stream:
            position = _document_start(stream, part.start) if part.start else 0
            if position:
                stream.seek(position)
            while end is None or position < end:
                block = stream.read(_BLOCK if end is None else min(_BLOCK, end - position))
                if not block:
                    break
                if not position:
                    _require_utf8(block[:HEAD_BYTES], part)
                block += stream.readline() if not block.endswith(b"\n") else b""
                position += len(block)
                checksum.update(block)
                yield block
    except storage.DamagedFileError as error:
        raise UserError(f"{error}; mend or remove the file and run again") from error
    if not part.crc32c:
        require_unchanged(part.uri, part.file_size, part.version)
    elif checksum.hexdigest().decode() != part.crc32c:
        raise UserError(f"{part.uri}: its bytes are not those in the manifest beside it (CRC32C); {MAKE_AGAIN}")


def _end(part: SentenceRange) -> int:
    """Where the last document of a range ends."""
    behind = max(0, part.end - 1)
    with storage.open_input(part.uri, behind, behind) as stream:
        return _document_start(stream, part.end)


def _require_utf8(head: bytes, part: SentenceRange) -> None:
    """Raise UserError if a file without a manifest is not UTF-8, because all its non-ASCII letters would be lost."""
    if part.crc32c:
        return
    judged = judge_head(head)
    what = judged.not_text or judged.encoding.upper() or judged.suspected
    if what:
        seems = what if judged.not_text else f"it seems to be {what}"
        raise UserError(f"{part.uri} is not UTF-8 text: {seems}; convert it to UTF-8 and run again")


def _document_start(stream: BinaryIO, offset: int) -> int:
    """The first start of a document from `offset` on: the first line with text after a blank line, or the file's end.

    Both ends of every range are found by this rule, so that the ranges of a file together hold every document once.
    """
    if offset == 0:
        return 0
    stream.seek(offset - 1)
    stream.readline()  # the rest of the line that the range boundary cut, or the newline just before it
    position = stream.tell()
    seen_blank = False
    while line := stream.readline():
        if not line.decode("utf-8", "ignore").strip():
            seen_blank = True
        elif seen_blank:
            return position
        position += len(line)
    return position
