"""Some entries of `filtered/` for people to look at, chosen by a hash; however many there are, little is read."""

import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import FILTERED_FOLDER, Filtered
from beam_jobs.records.counter_random import draw, path_key
from beam_jobs.records.format_number import known_fields

_NAME = re.compile(r"(?P<reason>.+)-\d{5,}-of-\d{5,}\.jsonl")
_STREAM = 0xF1173ED  # differs from the path elements of shards and documents
_READ_WHOLE = 8 << 20  # bytes; of larger files, lines at random places are read
_LINE_BYTES = 1 << 16

File = tuple[str, int]


def filtered_files(folder: str) -> dict[str, list[File]]:
    """The files of each reason in `folder`/filtered, sorted: their paths and sizes in bytes."""
    files: dict[str, list[File]] = {}
    for name, size in storage.list_files(storage.join(folder, FILTERED_FOLDER)):
        if match := _NAME.fullmatch(name):
            files.setdefault(match["reason"], []).append((storage.join(folder, FILTERED_FOLDER, name), size))
    return files


def pick_entries(files: Sequence[File], count: int, seed: int) -> list[Filtered]:
    """`count` different entries of the files of a reason, or all if there are fewer; more begin with the same ones.

    Raises UserError if a file holds something else.
    """
    key = np.uint64(path_key(seed, _STREAM))
    total = sum(size for _, size in files)
    if total <= _READ_WHOLE:
        lines = [(uri, line) for uri, _ in files for line in storage.read_bytes(uri).splitlines()]
        order = sorted(range(len(lines)), key=lambda number: int(draw(key, number)))
        return [_entry(*lines[number]) for number in order[:count]]
    ends = list(accumulate(size for _, size in files))
    found: dict[bytes, Filtered] = {}
    for counter in range(4 * count):  # a place may hit the same line again
        if len(found) == count:
            break
        place = int(draw(key, counter)) % total
        number = bisect_right(ends, place)
        uri, size = files[number]
        line = _line_behind(uri, place - (ends[number] - size))
        if line:
            found.setdefault(line, _entry(uri, line))
    return list(found.values())


def _line_behind(uri: str, offset: int) -> bytes:
    """The first line that begins behind `offset`; the first of the file if there is none."""
    for start in (offset, 0):
        with storage.open_input(uri, start) as stream:
            if start:
                stream.readline(_LINE_BYTES)
            if line := stream.readline(_LINE_BYTES):
                return line
    return b""


def _entry(uri: str, line: bytes) -> Filtered:
    try:
        return Filtered(**known_fields(Filtered, json.loads(line)))
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError(
            f"{uri}: holds something else than filtered documents ({error}); name a folder of sentences"
        ) from error
