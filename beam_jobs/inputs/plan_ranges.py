"""Divides the input into work items. The listing and the settings alone decide how; no file is opened.

A large file is cut into ranges, so that every core can work on it. Small files are joined into one item. A compressed
file can only be read from its beginning, so it is one piece. A cut may fall into the middle of a line or a row group.
The readers decide which range such a line belongs to, so that the ranges of a file together hold every document exactly
once.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from beam_jobs.execution.run_once import content_hash
from beam_jobs.inputs.input_file import InputFile, has_ending
from beam_jobs.inputs.splits import splits_of
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage.decompress import compression_ending

WIKIEXTRACTOR = "wiki_[0-9][0-9]"
TAR, TGZ = ".tar", ".tgz"
FORMATS = (".jsonl", ".json", ".txt", ".parquet", ".arrow", ".csv", ".tsv", WIKIEXTRACTOR, ".warc", ".wet", TAR, TGZ)
"""The endings of files that can be read, as patterns of `fnmatch`."""
_STREAMED = (
    ".warc",
    ".wet",
    ".arrow",
    ".csv",
    ".tsv",
    TAR,
    TGZ,
)  # the beginning of a record can only be found from the record before it

_MIN_RANGE, _MAX_RANGE = 1 << 20, 8 << 20
_COMPARED_RANGES, _MAX_COMPARED_RANGE = 2_000, 32 << 20  # wanted of a large corpus whose documents are compared
_MAX_ITEMS = 20_000  # a corpus of terabytes gets larger ranges, so that the plan stays small
_MAX_PIECES = 1000  # in one item: an object takes two requests, however small it is
_RANGES_WANTED = 64  # a small corpus gets smaller ranges, so that every core gets work
_ROW_GROUP_RANGE = 32 << 20  # row groups are large, so smaller ranges would often hold none
_COMPRESSION = 4  # a compressed byte counts as this many bytes of text
_MAX_FILES_BY_NAME = 1000  # above this many, the statistics count per folder, not per file


@dataclass(frozen=True, slots=True)
class InputPiece:
    """A byte range of one file: [start, end), the whole file when `end` is -1."""

    uri: str
    name: str
    source: str  # the name in the statistics: that of the file, or of its folder if there are many files
    start: int
    end: int
    size: int
    split: str = ""  # given by the names of the input; empty if a document's id decides
    file_size: int = -1  # bytes of the whole file when the plan was made; -1: not checked
    version: str = ""  # of the file when the plan was made; see `storage.state`


@dataclass(frozen=True, slots=True)
class InputItem:
    """What one call reads; `size` in bytes as stored."""

    index: int
    size: int
    pieces: tuple[InputPiece, ...]

    @property
    def content(self) -> str:
        """A short hash of what is read, for `run_once`. It changes when a file is written again."""
        return content_hash(*((p.name, p.start, p.end, p.file_size, p.version) for p in self.pieces))

    def to_json(self) -> bytes:
        """One line of the plan file, with its newline."""
        return json.dumps(asdict(self)).encode() + b"\n"


def item_from_json(line: bytes) -> InputItem:
    """The inverse of `InputItem.to_json`."""
    content = json.loads(line)
    return InputItem(content["index"], content["size"], tuple(InputPiece(**piece) for piece in content["pieces"]))


def file_format(name: str) -> str:
    """The member of FORMATS that a name ends in, before the ending of a compression if there is one."""
    plain = name.lower().removesuffix(compression_ending(name))
    return next(ending for ending in FORMATS if has_ending(plain, ending))


def is_known(name: str) -> bool:
    """Whether a name has one of the endings in FORMATS."""
    plain = name.lower().removesuffix(compression_ending(name))
    return any(has_ending(plain, ending) for ending in FORMATS)


def plan_ranges(files: Sequence[InputFile], settings: SegmentSettings) -> list[InputItem]:
    """The work items of a segment job, in the order of the files' names."""
    total = sum(text_bytes(file) for file in files)
    most = _MAX_RANGE
    if settings.leaves_copies_out or settings.compares_lines:  # each call of a round reads a part of every range
        most = max(_MAX_RANGE, min(total // _COMPARED_RANGES, _MAX_COMPARED_RANGE))
    range_bytes = max(min(max(total // _RANGES_WANTED, _MIN_RANGE), most), total // _MAX_ITEMS)
    by_name = len(files) <= _MAX_FILES_BY_NAME
    items: list[InputItem] = []
    gathered: list[InputPiece] = []
    gathered_work = 0

    def close_item() -> None:
        nonlocal gathered_work
        if gathered:
            items.append(InputItem(len(items), sum(piece.size for piece in gathered), tuple(gathered)))
            gathered.clear()
            gathered_work = 0

    for file, split in zip(files, splits_of([file.name for file in files]), strict=True):
        pieces = _cut(file, split, file.name if by_name else file.name.rpartition("/")[0] or ".", range_bytes, settings)
        work = text_bytes(file) // len(pieces)
        for piece in pieces:
            if gathered_work + work > range_bytes or len(gathered) == _MAX_PIECES:
                close_item()
            gathered.append(piece)
            gathered_work += work
    close_item()
    return items


def text_bytes(piece: InputPiece | InputFile) -> int:
    """The approximate number of bytes of text in a piece or a file."""
    return piece.size * (_COMPRESSION if compression_ending(piece.name) else 1)


def plan_hash(files: Sequence[InputFile]) -> str:
    """A hash of the listing.

    A half-finished run may be resumed only if this hash and that of the settings are unchanged.
    """
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.size}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def work_bytes(item: InputItem) -> int:
    """The approximate number of bytes of text in an item."""
    return sum(map(text_bytes, item.pieces))


def _cut(file: InputFile, split: str, source: str, range_bytes: int, settings: SegmentSettings) -> list[InputPiece]:
    format = file_format(file.name)
    one_document = format == ".txt" and settings.documents_are == "files"
    whole = compression_ending(file.name) or one_document or format in _STREAMED
    if whole or file.size == 0:
        return [InputPiece(file.uri, file.name, source, 0, -1, file.size, split, file.size, file.version)]
    count = -(-file.size // (max(range_bytes, _ROW_GROUP_RANGE) if format == ".parquet" else range_bytes))
    edges = [file.size * i // count for i in range(count + 1)]
    return [
        InputPiece(file.uri, file.name, source, start, end, end - start, split, file.size, file.version)
        for start, end in pairwise(edges)
    ]
