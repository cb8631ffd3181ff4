"""Finds out and keeps what only a whole shard can tell: the number of its records, and their lengths.

The index is kept in INDEX_FOLDER beside the shards, or in the user's cache folder if that cannot be written to. An
entry is valid for a file of the same name and size. If neither folder can be written to, every launch reads the shards
again.
"""

import contextlib
import hashlib
import json
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np

from beam_jobs import storage
from beam_jobs.records.example_wire import ABSENT, INPUT_IDS
from beam_jobs.records.frame_reader import Records
from beam_jobs.records.tfrecord_frames import DAMAGED
from trainer.data.frames import ShardStream
from trainer.data.parse import Shape, parse

logger = logging.getLogger("trainer")

INDEX_FOLDER = ".beambert_index"
_COUNTS = "record_counts.json"
_AT_ONCE = 1 << 14


class RecordIndex:
    """The index of one folder."""

    def __init__(self, folder: str) -> None:
        self._places = [storage.join(folder, INDEX_FOLDER)]
        with contextlib.suppress(RuntimeError):  # a user may have no home, as in some containers
            cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "beambert" / "index"
            self._places.append(str(cache / hashlib.sha256(folder.encode()).hexdigest()[:16]))
        self._counts: dict[str, list[int]] = {}
        with contextlib.suppress(ValueError, RecursionError):
            self._counts = _right_counts(json.loads(self._read(_COUNTS) or b"{}"))
        self._changed = False

    def count(self, name: str, uri: str, size: int, tolerant: bool) -> int:
        """The number of records of a shard, damaged ones included. Unless `tolerant`, damage is a UserError."""
        known = self._counts.get(name)
        if known and known[0] == size:
            return known[1]
        logger.info(f"{uri}: counting its records, once")
        stream = ShardStream(uri, tolerant)
        records = 0
        try:
            while not stream.fault and (some := stream.read(_AT_ONCE)):
                intact = np.flatnonzero(some.ends != DAMAGED)
                records += len(some) if not stream.fault else int(intact[-1]) + 1 if len(intact) else 0
        finally:
            stream.close()
        if stream.fault:  # not kept: without `tolerant` it must be an error
            logger.warning(f"{stream.fault}; it is read up to there, {records:,} records")
            return records
        self._counts[name] = [size, records]
        self._changed = True
        return records

    def lengths(self, name: str, uri: str, size: int, records: int, tolerant: bool) -> np.ndarray:
        """Pieces of each record of a dynamic shard, uint16 [records]; 0 for a damaged one, if `tolerant`."""
        kept = f"lengths-{name.replace('/', '.')}-{size}.bin"
        data = self._read(kept)
        if data and len(data) == 2 * records:
            return np.frombuffer(data, "<u2")
        logger.info(f"{uri}: measuring its records, once")
        stream = ShardStream(uri, tolerant)
        lengths = np.zeros(records, "<u2")
        try:
            for at in range(0, records, _AT_ONCE):
                some = stream.read(min(_AT_ONCE, records - at))
                lengths[at : at + len(some)] = _lengths(some)
        finally:
            stream.close()
        self._write(kept, lengths.tobytes())
        return lengths

    def save(self) -> None:
        """Write the counts."""
        if self._changed:
            self._write(_COUNTS, json.dumps(self._counts, indent=1).encode())
            self._changed = False

    def _read(self, name: str) -> bytes | None:
        for place in self._places:
            with contextlib.suppress(OSError):
                return storage.read_whole(storage.join(place, name))
        return None

    def _write(self, name: str, data: bytes) -> None:
        for place in self._places:
            with contextlib.suppress(OSError):
                storage.write_whole(storage.join(place, name), data)
                return


def _right_counts(content: Any) -> dict[str, list[int]]:
    """The valid entries of an index file, [bytes, records] by name. Other shards are counted again."""
    if not isinstance(content, dict):
        return {}
    return {
        name: value
        for name, value in content.items()
        if isinstance(value, list) and len(value) == 2 and all(type(number) is int and number >= 0 for number in value)
    }


def _lengths(records: Records) -> np.ndarray:
    rows = np.zeros(len(records), np.int64)
    found = parse(records, rows, 1, Shape(1, 1, 0), dynamic=True, labels=False, fault=lambda i, why: None)
    lengths = found.counts[:, INPUT_IDS]
    return np.where(lengths == ABSENT, 0, lengths)
