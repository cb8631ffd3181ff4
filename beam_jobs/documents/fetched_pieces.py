"""Fetches small files of an object store ahead, many at a time, since each of them is one wait for an answer."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from beam_jobs import storage
from beam_jobs.inputs.plan_ranges import InputPiece, file_format
from beam_jobs.storage.decompress import compression_ending
from beam_jobs.storage.in_order import in_order
from beam_jobs.storage.paths import is_remote

_SMALL_BYTES = 1 << 20
_AT_ONCE = 16


def fetched_pieces(pieces: Sequence[InputPiece]) -> Iterator[tuple[InputPiece, str]]:
    """Each piece, with the path of a copy on this machine if its file is small and in a store, or else "".

    The copy is there until the next piece is asked for. A single piece gets none, because it would be no quicker.
    Raises what opening a file of a store raises.
    """
    if len(pieces) == 1 or not any(map(_is_small, pieces)):
        yield from ((piece, "") for piece in pieces)
        return
    with tempfile.TemporaryDirectory(prefix="beambert-pieces-") as folder:
        numbered = list(enumerate(pieces))
        copies = in_order(lambda one: _copy(one[1], Path(folder) / str(one[0])), numbered, _AT_ONCE)
        for piece, copy in zip(pieces, copies, strict=True):
            yield piece, copy
            if copy:
                Path(copy).unlink()


def _is_small(piece: InputPiece) -> bool:
    return (
        is_remote(piece.uri)
        and not piece.start
        and piece.end in (-1, piece.file_size)
        and 0 < piece.size <= _SMALL_BYTES
    )


def _copy(piece: InputPiece, path: Path) -> str:
    """The file as stored, as long as it was when the plan was made. Readers go by the ending of its name."""
    if not _is_small(piece):
        return ""
    path = path.with_name(f"{path.name}{file_format(piece.name)}{compression_ending(piece.uri)}")
    with storage.open_stream(piece.uri, 0, piece.size) as stream:
        path.write_bytes(stream.read(piece.size))
    return str(path)
