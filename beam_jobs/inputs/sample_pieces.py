"""A sample of the input: stretches from all over it, small enough to be worked on within a second or two."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from beam_jobs import storage
from beam_jobs.inputs.plan_ranges import TGZ, InputItem, InputPiece, file_format
from beam_jobs.storage.decompress import DamagedFileError, DecompressedBytes, compression_ending

SAMPLE_BYTES = 4 << 20
"""About as much text is read."""
_PLACES, _MANY_PLACES = 16, 128
_TINY = 1 << 16  # files below this size: more of them are read
_COMPRESSION = 4  # a compressed byte is about this much text
_LINES = (".jsonl", ".txt")


def sample_pieces(items: Sequence[InputItem], folder: str, sample_bytes: int = SAMPLE_BYTES) -> InputItem:
    """One item over stretches of the input; its `size` is the number of stored bytes that they stand for.

    A file that can be cut into ranges gives a range; Parquet gives a whole one, since its row groups cannot be cut. Of
    other large files, the beginning is copied into `folder`, decompressed, up to its last whole line.

    Args:
        items: the plan of the input.
        folder: a local folder for these beginnings.
        sample_bytes: about as much text.
    """
    pieces = [piece for item in items for piece in item.pieces if piece.size]
    tiny = sum(piece.size for piece in pieces) < len(pieces) * _TINY
    count = min(len(pieces), _MANY_PLACES if tiny else _PLACES)
    chosen = [pieces[number * len(pieces) // count] for number in range(count)]
    wanted = max(sample_bytes // max(count, 1), 1)
    taken = [_stretch(piece, wanted, Path(folder, f"{number:03d}")) for number, piece in enumerate(chosen)]
    return InputItem(0, sum(piece.size for piece in taken), tuple(taken))


def _stretch(piece: InputPiece, wanted: int, place: Path) -> InputPiece:
    """About `wanted` bytes of text of a piece. `size` of the result is the number of stored bytes."""
    if file_format(piece.name) == ".parquet" and not compression_ending(piece.name):
        return replace(piece, file_size=-1)
    if piece.end >= 0:
        size = min(wanted, piece.size)
        return replace(piece, end=piece.start + size, size=size, file_size=-1)
    stored = wanted // _COMPRESSION if _ending(piece.name) else wanted
    return replace(piece, file_size=-1) if piece.size <= stored else _beginning(piece, stored, place)


def _ending(name: str) -> str:
    return ".gz" if name.lower().endswith(TGZ) else compression_ending(name)


def _beginning(piece: InputPiece, stored: int, place: Path) -> InputPiece:
    """A local copy of the first `stored` bytes of a file, decompressed as far as they go."""
    ending = _ending(piece.name)
    with storage.open_stream(piece.uri, 0, stored) as raw:
        head = raw.read(stored)
    text = _decompressed(head, piece.name, ending) if ending else head
    name = piece.name.rpartition("/")[2]
    if ending:
        name = name[: -len(TGZ)] + ".tar" if name.lower().endswith(TGZ) else name[: -len(ending)]
    if file_format(name) in _LINES:
        text = text[: text.rfind(b"\n") + 1] or text
    place.mkdir(parents=True)
    path = place / name
    path.write_bytes(text)
    return replace(piece, uri=str(path), name=f"{place.name}/{name}", end=-1, size=stored, file_size=-1)


def _decompressed(head: bytes, name: str, ending: str) -> bytes:
    reader = DecompressedBytes(io.BytesIO(head), name, ending, look=True)
    parts = []
    with contextlib.suppress(DamagedFileError):  # it ends in the middle, of course
        while part := reader.read(1 << 16):
            parts.append(part)
    return b"".join(parts)
