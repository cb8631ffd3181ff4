"""Unpacks the files of a tar archive one after the other, so that the reader of each format can read them."""

import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from beam_jobs import storage
from beam_jobs.documents.open_text import note_misnamed, reader_of
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import TAR, TGZ, InputPiece, file_format, is_known
from beam_jobs.inputs.splits import folder_split
from beam_jobs.storage.decompress import compression_ending, open_decompressed

_BUFFER_BYTES = 1 << 20
_BLOCK = 512  # a tar file consists of such blocks; one of zeros ends it
_HIDDEN = re.compile(r"(^|/)([._][^/]*/|\._)")  # hidden folders, as in an input folder, and the forks of macOS
_OTHERS = "files of other kinds in the archive, passed over"


def tar_members(piece: InputPiece, faults: SourceFaults) -> Iterator[InputPiece]:
    """The readable files of the archive, in its order. Each is on the local disk until the next one is requested.

    Their names begin with the name of the archive. A folder that is named as a split decides the split, as outside of
    an archive. Files of other kinds, such as archives, are noted. Raises DamagedFileError if the archive is broken or
    ends too early.
    """
    with storage.open_input(piece.uri) as stored, tempfile.TemporaryDirectory() as folder:
        unpacked = open_decompressed(stored, f"{piece.name}.gz") if piece.name.lower().endswith(TGZ) else stored
        stream = _Ending(unpacked)
        try:
            with tarfile.open(fileobj=stream, mode="r|", bufsize=_BUFFER_BYTES) as archive:  # type: ignore[call-overload]
                note_misnamed(unpacked, faults)
                for member in archive:
                    archive.members = []  # otherwise it would keep all of them
                    if not member.isreg():
                        continue
                    name = member.name.removeprefix("./")
                    if _HIDDEN.search(name) or not is_known(name) or file_format(name) in (TAR, TGZ):
                        faults.noted.add(_OTHERS)
                        continue
                    yield _unpack(archive, member, name, piece, folder)
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise storage.DamagedFileError(piece.name, f"not a readable tar archive ({error})") from error
        if not stream.ended:
            raise storage.DamagedFileError(piece.name, "the archive ends without its last blocks")


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, piece: InputPiece, folder: str) -> InputPiece:
    base = name.rpartition("/")[2].lower()
    path = Path(folder) / f"member{file_format(name)}{compression_ending(base)}"  # readers go by its ending
    content = archive.extractfile(member)
    assert content is not None
    with path.open("wb") as file:
        shutil.copyfileobj(content, file, _BUFFER_BYTES)
    whole_name = f"{piece.name}/{name.encode('utf-8', 'surrogateescape').decode('utf-8', 'backslashreplace')}"
    return InputPiece(str(path), whole_name, piece.source, 0, -1, member.size, piece.split or folder_split(name))


class _Ending:
    """A stream that knows whether the last block read was one of zeros, with which every tar file ends."""

    def __init__(self, stream: BinaryIO) -> None:
        self._read = reader_of(stream)  # tarfile expects as many bytes as it asked for, except at the end
        self._last = b""

    @property
    def ended(self) -> bool:
        return self._last == bytes(_BLOCK)

    def read(self, size: int) -> bytes:
        data = self._read(size)
        if data:
            self._last = (self._last + data)[-_BLOCK:]
        return data
