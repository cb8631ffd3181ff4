"""Reads shards, completely or in part, to check checksums and rules and to count distributions."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial

import numpy as np

from beam_jobs import storage
from beam_jobs.console.interruption import become_helper, helpers_spared
from beam_jobs.decoding.decode import MalformedRecordError
from beam_jobs.decoding.decode_batch import InstanceBatch, decode_batch
from beam_jobs.decoding.flag_batch import find_violations
from beam_jobs.decoding.invariants import check_instance
from beam_jobs.decoding.summary import Summary, summarise
from beam_jobs.errors import UserError
from beam_jobs.inspection.inspected_corpus import Corpus, ShardFile
from beam_jobs.records.tfrecord_stream import EmptyShardError, read_record_batches
from beam_jobs.storage import DamagedFileError
from vocab.vocabulary import Vocabulary

SAMPLE_INSTANCES = 100_000
"""About so many are read from the beginnings of SAMPLE_SHARDS shards, unless everything is to be checked."""
SAMPLE_SHARDS = 20
SHOWN_VIOLATIONS = 5
_STOP_S = 0.5  # if the system stops all processes, this one has received its own signal by then


@dataclass(frozen=True)
class Violation:
    """Something that is wrong, and its place. `record` is -1 if it concerns the whole shard."""

    shard: str
    record: int
    what: str


@dataclass(frozen=True)
class ShardScan:
    """The result of reading some shards."""

    summary: Summary
    read: Mapping[str, int]  # shard name: records read, right and wrong
    wrong: int  # instances that break a rule, and shards that differ from their manifest
    violations: tuple[Violation, ...]  # the first few
    read_all: bool  # every record of every shard

    @property
    def shards(self) -> int:
        """How many shards were read."""
        return len(self.read)

    @property
    def records(self) -> int:
        """How many records were read."""
        return sum(self.read.values())

    @property
    def empty(self) -> list[str]:
        """The shards without a record. Other tools write such shards if there are more shards than records."""
        return [name for name, records in self.read.items() if not records]

    def __add__(self, other: "ShardScan") -> "ShardScan":
        """The scan of both."""
        return ShardScan(
            self.summary + other.summary,
            {**self.read, **other.read},
            self.wrong + other.wrong,
            (self.violations + other.violations)[:SHOWN_VIOLATIONS],
            self.read_all and other.read_all,
        )


def scan_corpus(
    corpus: Corpus, check_all: bool, workers: int = 1, progress: Callable[[ShardScan], None] = lambda scan: None
) -> ShardScan:
    """Read shards of the corpus: all of them with `check_all`, or else the beginnings of some, evenly spread.

    `progress` is called with the result so far after every shard. Raises UserError, naming file, record and offset, if
    a file is damaged or not a TFRecord file, if the vocabulary lacks a piece, and if there is no record at all. One
    shard without records among others is allowed.
    """
    shards = list(corpus.shards)
    limit = -1
    if not check_all:
        step = max(1, len(shards) / SAMPLE_SHARDS)
        chosen = [shards[int(i * step)] for i in range(min(len(shards), SAMPLE_SHARDS))]
        limit = -(-SAMPLE_INSTANCES // len(chosen))
    else:
        chosen = shards
    read = partial(
        scan_shard,
        vocabulary=corpus.vocabulary,
        vocabulary_uri=corpus.vocabulary_uri,
        labels=len(corpus.labels),
        limit=limit,
    )
    total = ShardScan(Summary(), {}, 0, (), read_all=len(chosen) == len(shards))
    for scan in _map(read, chosen, workers):
        total += scan
        progress(total)
    if not total.records:
        raise UserError(f"{chosen[0].uri}: holds no record, nor does any other that was read; make the shards again")
    return total


def scan_shard(
    shard: ShardFile, vocabulary: Vocabulary, vocabulary_uri: str, labels: int = 2, limit: int = -1
) -> ShardScan:
    """Read one shard, or the beginning of it: `limit` records or a few more.

    `labels` is how many values a label has.
    """
    summary, records, wrong, violations, read_all = Summary(), 0, 0, list[Violation](), True
    for batch in read_batches(shard):
        _require_known_pieces(batch, shard, vocabulary, vocabulary_uri)
        flagged = find_violations(batch, vocabulary, labels)
        summary += summarise(batch, vocabulary, ~flagged)
        for row in np.flatnonzero(flagged)[: SHOWN_VIOLATIONS - len(violations)]:
            what = "; ".join(check_instance(batch.instance(int(row)), vocabulary, labels))
            violations.append(Violation(shard.name, batch.first_record + int(row), what))
        records += len(batch)
        wrong += int(flagged.sum())
        if 0 <= limit <= records:
            read_all = records == shard.records
            break
    if read_all and shard.records not in (-1, records):
        what = f"holds {records:,} records, the manifest says {shard.records:,}"
        wrong, violations = wrong + 1, [Violation(shard.name, -1, what), *violations]
    if shard.size not in (-1, storage.size(shard.uri)):
        what = f"is {storage.size(shard.uri):,} bytes long, the manifest says {shard.size:,}"
        wrong, violations = wrong + 1, [Violation(shard.name, -1, what), *violations]
    return ShardScan(summary, {shard.name: records}, wrong, tuple(violations), read_all)


def read_batches(shard: ShardFile) -> Iterator[InstanceBatch]:
    """The instances of one shard, a few MB at a time; none for a shard without records.

    Raises UserError, naming file, record and offset, if the file is damaged or not an instance shard.
    """
    try:
        with storage.open_input(shard.uri) as stream:
            for records in read_record_batches(stream, shard.uri):
                yield decode_batch(records, shard.uri)
    except EmptyShardError:
        return
    except DamagedFileError as error:
        raise UserError(f"{error}; copy or make it again") from error
    except MalformedRecordError as error:
        raise UserError(f"{error}; name an instance shard") from error


def _require_known_pieces(batch: InstanceBatch, shard: ShardFile, vocabulary: Vocabulary, vocabulary_uri: str) -> None:
    for column in (batch.columns.input_ids, batch.columns.masked_lm_ids):
        row, place = np.unravel_index(np.argmax(column), column.shape)
        if column[row, place] >= len(vocabulary):
            raise UserError(
                f"{shard.uri}: record {batch.first_record + int(row)} holds piece {column[row, place]}, but "
                f"{vocabulary_uri} has {len(vocabulary)} pieces; "
                "name the vocabulary the shard was made with by --vocab_file or --model_class"
            )


def _map(read: Callable[[ShardFile], ShardScan], shards: list[ShardFile], workers: int) -> Iterator[ShardScan]:
    workers = min(workers or os.cpu_count() or 1, len(shards))
    if workers <= 1:
        yield from map(read, shards)
        return
    with (
        helpers_spared()
    ):  # the locks of the pool belong to the resource tracker, which is started here without warnings
        pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=become_helper)
    with pool:
        try:
            with helpers_spared():
                scans = pool.map(read, shards)
            yield from scans
        except BrokenProcessPool as error:
            time.sleep(_STOP_S)
            raise UserError(
                "a process that read shards died, most likely for want of memory; read with fewer by --max_num_cpus"
            ) from error
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
