"""Reads the keys of one call: its part of a list of every section."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from beam_jobs.jobs.segment.duplicate_rounds.plan import STEP, RoundPlan, read_cuts
from beam_jobs.jobs.segment.key_files.document_rank import whole_ranks
from beam_jobs.jobs.segment.key_files.parts import read_exactly
from beam_jobs.storage.in_order import in_order
from beam_jobs.storage.paths import is_remote

_OPEN_AT_ONCE = 16


class ListedKeys(NamedTuple):
    """Records of a list of keys, and the documents that they belong to."""

    records: np.ndarray  # of a dtype with `key`
    ranks: np.ndarray  # int64, whole ranks


def read_keys(plan: RoundPlan, task: int, output: str, dtype: np.dtype, step: str = STEP) -> Iterator[ListedKeys]:
    """The keys of the call `task`, see `read_cuts`, a section at a time; `dtype` is EXACT, BAND or LINE_KEY.

    What a caller drops of a section is never held together: millions of copies have one key, and so belong to one call.
    """
    cuts = read_cuts(task, output, step)
    sections = np.flatnonzero(cuts[1] > cuts[0]).tolist()

    def read(section: int) -> bytes:
        start, end = cuts[:, section].tolist()
        return read_exactly(plan.key_file(section, output), start, end - start)

    data = in_order(read, sections, _OPEN_AT_ONCE) if is_remote(output) else map(read, sections)
    for section, piece in zip(sections, data, strict=True):
        records = np.frombuffer(piece, dtype)
        documents = records["document"] + plan.begins[section]
        yield ListedKeys(records, whole_ranks(records["rank"], documents))


def repeated(keys: np.ndarray) -> np.ndarray:
    """The places of keys (uint64) that stand there more than once, int64, sorted by key; most stand there once."""
    order = np.argsort(keys)
    in_order_of_keys = keys[order]
    same = in_order_of_keys[1:] == in_order_of_keys[:-1]
    alone = np.concatenate(([True], ~same)) & np.concatenate((~same, [True])) if len(keys) else np.empty(0, bool)
    return order[~alone]
