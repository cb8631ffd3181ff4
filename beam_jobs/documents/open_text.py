"""Opens a byte range of a text file as UTF-8, for any of the encodings and line ends that can be read."""

import codecs
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO

from beam_jobs import storage
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.faults.text_head import HEAD_BYTES, judge_head
from beam_jobs.inputs.plan_ranges import InputPiece, text_bytes
from beam_jobs.storage.decompress import compression_ending, misnamed

_BUFFER_BYTES = 1 << 20
_HEADS_KEPT = 64  # of HEAD_BYTES each
_READ_AHEAD_BYTES = 64 << 10  # behind a range, for its last document; at most 1/32 of the range


@dataclass(frozen=True, slots=True)
class TextRange:
    """A stream at position `max(0, start - 1)`, and the range to read: [start, end), or up to the file's end if -1.

    Positions are in bytes of the decompressed file. For a file in UTF-16 or UTF-32 they are in bytes of its text as
    UTF-8.
    """

    stream: BinaryIO
    start: int
    end: int
    head: bytes  # the first bytes of the file


@contextmanager
def open_text(piece: InputPiece, faults: SourceFaults) -> Iterator[TextRange]:
    """Open the range of a piece. Newlines stay as they are in the file.

    A file that is clearly not text is set aside, and an empty range is opened instead. A file in UTF-16 or UTF-32,
    which its byte order mark reveals, is not cut: its first range is the whole file, and the other ranges are empty. If
    a file does not seem to be UTF-8, its probable encoding goes to `faults.suspected`.
    """
    start, end = piece.start, piece.end
    if start:
        head = _head(piece)
        if judge_head(head).encoding:
            yield TextRange(io.BytesIO(), 0, -1, b"")
            return
    ahead = end + min(_READ_AHEAD_BYTES, (end - start) // 32) if end >= 0 else -1
    with storage.open_input(piece.uri, max(0, start - 1), ahead) as stored:
        stream: BinaryIO = stored
        if not start:
            read = reader_of(stream)
            head = read(HEAD_BYTES)
            note_misnamed(stream, faults)
        judged = judge_head(head)
        if judged.not_text:
            faults.reject_file(text_bytes(piece), "not_text", judged.not_text, first=not start)
            yield TextRange(io.BytesIO(), 0, -1, b"")
            return
        if compression_ending(piece.uri):
            stream = _buffered(read, head)
        elif not start:
            stream.seek(0)
        if judged.encoding:
            faults.noted.add(f"converted from {judged.encoding[:6].upper()}")
            stream, start, end = _buffered(_recoded(stream, judged.encoding, piece.name)), 0, -1
            head = head.decode(judged.encoding, "ignore").encode()
        faults.suspected = judged.suspected
        yield TextRange(stream, start, end, head)


def _head(piece: InputPiece) -> bytes:
    """The first bytes of a file that is cut into ranges. A process reads them once, not again for each range."""
    if piece.version:
        return _head_of_version(piece.uri, piece.file_size, piece.version)
    with storage.open_input(piece.uri, 0, HEAD_BYTES) as stream:
        return reader_of(stream)(HEAD_BYTES)


@lru_cache(maxsize=_HEADS_KEPT)
def _head_of_version(uri: str, size: int, version: str) -> bytes:
    """The first bytes of `uri` while it has this size and version, which `require_unchanged` checks later."""
    with storage.open_input(uri, 0, HEAD_BYTES) as stream:
        return reader_of(stream)(HEAD_BYTES)


def note_misnamed(stream: BinaryIO, faults: SourceFaults) -> None:
    """After the first read of a compressed file: note if its content does not match its name."""
    if really := misnamed(stream):
        faults.noted.add(f"not compressed as its name says, read as {really}")


def with_newlines(text: TextRange, faults: SourceFaults) -> TextRange:
    r"""The same range, with \n for \r if the file has no other line ends (old Macintosh files)."""
    if b"\r" not in text.head or b"\n" in text.head:
        return text
    faults.noted.add("lines end by carriage returns alone")
    head = text.head.replace(b"\r", b"\n")
    stream = _buffered(lambda size: read_some(text.stream, size).replace(b"\r", b"\n"))
    return TextRange(stream, text.start, text.end, head)


def reader_of(stream: BinaryIO) -> Callable[[int], bytes]:
    """A function that reads the given number of bytes; fewer only before the end of the file or before damage.

    `stream.read` would lose the bytes that it has read so far when it meets damage.
    """
    damage: storage.DamagedFileError | None = None

    def read(size: int) -> bytes:
        nonlocal damage
        parts: list[bytes] = []
        while size > 0 and damage is None:
            try:
                part = read_some(stream, size)
            except storage.DamagedFileError as error:
                damage = error
                break
            if not part:
                break
            parts.append(part)
            size -= len(part)
        if damage is not None and not parts:
            raise damage
        return b"".join(parts)

    return read


def read_some(stream: BinaryIO, size: int) -> bytes:
    """At most `size` bytes; none only at the end."""
    return stream.read1(size) if isinstance(stream, io.BufferedReader) else stream.read(size)


def _buffered(next_bytes: Callable[[int], bytes], first: bytes = b"") -> BinaryIO:
    return io.BufferedReader(_Converted(next_bytes, first), _BUFFER_BYTES)


class _Converted(io.RawIOBase):
    """A stream of the bytes that `next_bytes` returns: about as many as asked for, and none only at the end."""

    def __init__(self, next_bytes: Callable[[int], bytes], first: bytes = b"") -> None:
        """`first` comes before the bytes of `next_bytes`."""
        super().__init__()
        self._next_bytes, self._ready = next_bytes, first

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._ready or self._next_bytes(len(buffer))
        taken = data[: len(buffer)]
        self._ready = data[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def _recoded(stream: BinaryIO, codec: str, name: str) -> Callable[[int], bytes]:
    """A function that returns the next bytes of a stream in UTF-16 or UTF-32, converted to UTF-8.

    A lone surrogate becomes invalid UTF-8, so that it is found and counted with its document.
    """
    decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
    ended = False

    def next_bytes(size: int) -> bytes:
        nonlocal ended
        while not ended:
            data = read_some(stream, size)
            ended = not data
            try:
                text = decoder.decode(data, ended)
            except UnicodeDecodeError as error:
                raise storage.DamagedFileError(name, f"not valid {error.encoding} ({error.reason})") from error
            if text:
                return text.encode("utf-8", "surrogatepass")
        return b""

    return next_bytes
