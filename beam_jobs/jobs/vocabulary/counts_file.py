"""The file of word counts of one item: the words in slices, so that each slice can be added up by itself.

A hash of the word says to which slice it belongs. There are `PARTITIONS` partitions, and as many slices of each as the
size of the corpus asks for (`VocabularyJob.slices`), so that a slice of the whole corpus fits into memory. If the words
of an item do not fit into memory at once, its file has several runs of slices, one after the other.
"""

from collections.abc import Callable, Iterator, Sequence

import google_crc32c
import numpy as np

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.run_once import ItemRow, forget
from beam_jobs.storage.in_order import in_order
from beam_jobs.text.word_counts import pack_counts
from beam_jobs.tokenizer.word_table import WordTable

PARTITIONS = 64
STEP = "count"
_AHEAD = 8  # requests at the same time

Run = list[list[int]]
"""Length in bytes and CRC-32C of each slice of a run; they follow each other in the file."""


def write_run(table: WordTable, slices: int, write: Callable[[bytes], object]) -> Run:
    """Write all words of the table, in `PARTITIONS * slices` slices of packed counts, those of a partition together."""
    slots = table.slots()
    hashes = table.hashes(slots)
    places = hashes % PARTITIONS * slices + hashes // PARTITIONS % slices
    order = np.argsort(places, kind="stable")
    slots = slots[order]
    edges = np.searchsorted(places[order], np.arange(PARTITIONS * slices + 1))
    text, starts = table.text(slots)
    counts = table.counts(slots)
    run: Run = []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        packed = pack_counts(counts[first:last], text[starts[first] : starts[last]].tobytes()) if last > first else b""
        write(packed)
        run.append([len(packed), google_crc32c.value(packed)])
    return run


def read_slice(rows: Sequence[ItemRow], output: str, number: int) -> Iterator[bytes]:
    """The packed counts of one slice from the files of all items, in the order of `rows`, and of the runs of each.

    Raises UserError if a file has changed since it was written. The next run makes it again.
    """
    return in_order(lambda place: _read(output, *place), _places(rows, number), _AHEAD)


def _places(rows: Sequence[ItemRow], number: int) -> Iterator[tuple[ItemRow, int, int, int]]:
    for row in rows:
        begin = 0
        for run in row["runs"]:
            length, crc = run[number]
            if length:
                yield row, begin + sum(size for size, _ in run[:number]), length, crc
            begin += sum(size for size, _ in run)


def _read(output: str, row: ItemRow, start: int, length: int, crc: int) -> bytes:
    path = storage.join(output, row["counts"])
    with storage.open_input(path, start, start + length) as stream:
        packed = stream.read(length)
    if len(packed) != length or google_crc32c.value(packed) != crc:
        forget(output, STEP, f"{row['index']:06d}")
        raise UserError(f"{path} was damaged after it had been written (CRC-32C); the same command makes it again")
    return packed
