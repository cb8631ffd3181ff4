"""Every step of every job gives the same bytes when a runner calls it in many threads of one process at once.

Cluster runners do that: Beam's worker harness runs as many bundles at a time as the runner sends. Reads are slow and
blocks are small here, so that calls are interrupted everywhere; there are more items than threads, so that whatever
calls share is handed from one to the next; some items come twice, as speculative bundles do.
"""

import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from beam_jobs import storage
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.inputs import find_sentences, plan_file, plan_ranges
from beam_jobs.jobs.instances import finish as finish_instances
from beam_jobs.jobs.instances import job as instance_job
from beam_jobs.jobs.instances import plan_instances, read_sentences, write_instances
from beam_jobs.jobs.segment import finish as finish_sentences
from beam_jobs.jobs.segment import job as segment_job
from beam_jobs.jobs.segment import plan_shards, segment_ranges, write_shards
from beam_jobs.jobs.vocabulary import count_words, counts_file
from beam_jobs.jobs.vocabulary import finish as finish_vocabulary
from beam_jobs.jobs.vocabulary import job as vocabulary_job
from beam_jobs.jobs.vocabulary.add_counts import add_counts
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

Content = Callable[[Path], dict[str, object]]
Call = Callable[[Any, Any], ItemRow]
THREADS = (2, 4, 12)


class _SlowStream:
    """Reads as an object store's stream does: a while after it was asked."""

    def __init__(self, stream: BinaryIO, seed: int) -> None:
        self._stream, self._random = stream, random.Random(seed)

    def _wait(self) -> None:
        if self._random.random() < 0.5:
            time.sleep(self._random.random() * 0.004)

    def read(self, size: int = -1) -> bytes:
        self._wait()
        return self._stream.read(size)

    def __iter__(self) -> Iterator[bytes]:
        for number, line in enumerate(self._stream):
            if number % 50 == 0:
                self._wait()
            yield line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> "_SlowStream":
        return self

    def __exit__(self, *exception: object) -> None:
        self._stream.close()


@pytest.fixture
def slow_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Slow reads, and threads that change places often."""
    open_input = storage.open_input
    monkeypatch.setattr(storage, "open_input", lambda *given: _SlowStream(open_input(*given), hash(given)))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def _in_threads(work: Call, items: Sequence[Any], job: Any, threads: int) -> list[ItemRow]:
    """The rows of all items; every fifth item is worked on twice."""
    barrier = threading.Barrier(threads)

    def start_together() -> None:
        barrier.wait(timeout=60)

    calls = [item for number, item in enumerate(items) for _ in range(1 + (number % 5 == 0))]
    with ThreadPoolExecutor(threads, initializer=start_together) as pool:
        rows = list(pool.map(lambda item: work(item, job), calls))
    return list({row["index"]: row for row in rows}.values())


def _segment(raw: Path, output: Path, threads: int) -> None:
    settings = SegmentSettings(input=(str(raw),), output=str(output), shard_mb=0.02, dev_fraction=0.2)
    job, items = segment_job.open_job(settings, 0.0)
    output.mkdir(parents=True)
    places = plan_file.write_plan(items, job.output, segment_job.SEGMENT_STEP)
    ranges = _in_threads(segment_ranges.segment_range, places, job, threads)
    shards = plan_shards.plan_shards_of_rows(ranges, job)
    assert min(len(places), len(shards)) > max(THREADS)
    rows = _in_threads(write_shards.write_sentence_shard, shards, job, threads)
    finish_sentences.finish_sentences(rows, ranges, [], job)


def _instances(sentences: Path, output: Path, vocab_file: Path, threads: int, **more: Any) -> None:
    settings = InstanceSettings(
        input=(str(sentences),), output=str(output), vocab_file=str(vocab_file), shard_mb=0.02, dupe_factor=3, **more
    )
    files, input_hash = find_sentences.find_sentences(settings.input)
    items = plan_instances.plan_instances(files, int(settings.shard_mb * 1e6), settings.gzipped)
    assert len(items) > max(THREADS)
    job, vocabulary = instance_job.open_job(settings, input_hash, 1, 0.0)
    output.mkdir(parents=True)
    Path(job.vocabulary_path).write_bytes(vocabulary)
    finish_instances.finish_instances(_in_threads(write_instances.write_instance_shard, items, job, threads), job)


def _vocabulary(raw: Path, output: Path, threads: int) -> None:
    settings = VocabularySettings(input=(str(raw),), output=str(output), vocab_size=2000)
    job, items = vocabulary_job.open_vocabulary_job(settings, 0.0)
    assert len(items) > max(THREADS)
    output.mkdir(parents=True)
    places = plan_file.write_plan(items, job.output, counts_file.STEP)
    rows = _in_threads(count_words.count_words, places, job, threads)
    with ThreadPoolExecutor(threads) as pool:
        partitions = list(pool.map(lambda i: add_counts(i, rows, job), range(counts_file.PARTITIONS)))
    finish_vocabulary.finish_vocabulary(partitions, rows, job)


@pytest.fixture(scope="module", autouse=True)
def small_pieces() -> Iterator[None]:
    """Ranges and blocks of a few kB, so that there are more ranges than threads and a shard takes many reads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_ranges, "_MIN_RANGE", 1)
        patch.setattr(vocabulary_job, "_MIN_ITEM", 1)
        patch.setattr(read_sentences, "_BLOCK", 2_000)
        patch.setattr(write_shards, "_COPY_BYTES", 2_000)
        yield


@pytest.fixture(scope="module")
def one_thread(tmp_path_factory: pytest.TempPathFactory, raw: Path, vocab_file: Path) -> Path:
    """What one thread makes, with nothing in its way."""
    folder = tmp_path_factory.mktemp("one_thread")
    _segment(raw, folder / "sentences", 1)
    for masking in ("whole_word", "dynamic"):
        _instances(folder / "sentences", folder / masking, vocab_file, 1, masking=masking)
    _vocabulary(raw, folder / "vocabulary", 1)
    return folder


@pytest.mark.usefixtures("slow_reads")
@pytest.mark.parametrize("threads", THREADS)
def test_segment(tmp_path: Path, raw: Path, one_thread: Path, content: Content, threads: int) -> None:
    _segment(raw, tmp_path / "out", threads)
    assert content(tmp_path / "out") == content(one_thread / "sentences")


@pytest.mark.usefixtures("slow_reads")
@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("masking", ["whole_word", "dynamic"])
def test_instances(
    tmp_path: Path, one_thread: Path, vocab_file: Path, content: Content, threads: int, masking: str
) -> None:
    _instances(one_thread / "sentences", tmp_path / "out", vocab_file, threads, masking=masking)
    assert content(tmp_path / "out") == content(one_thread / masking)


@pytest.mark.usefixtures("slow_reads")
@pytest.mark.parametrize("objective", ["nsp", "full_sentences"])
def test_as_many_shards_at_once_as_threads(
    tmp_path: Path, one_thread: Path, vocab_file: Path, content: Content, objective: str
) -> None:
    """By default two shards of a process are worked on at once; here no thread waits for another."""
    more = {"objective": objective, "max_seq_length": 64}
    _instances(one_thread / "sentences", tmp_path / "alone", vocab_file, 1, **more)
    _instances(one_thread / "sentences", tmp_path / "out", vocab_file, 12, shards_per_worker=12, **more)
    assert content(tmp_path / "out") == content(tmp_path / "alone")


@pytest.mark.usefixtures("slow_reads")
@pytest.mark.parametrize("threads", THREADS)
def test_vocabulary(tmp_path: Path, raw: Path, one_thread: Path, content: Content, threads: int) -> None:
    _vocabulary(raw, tmp_path / "out", threads)
    assert content(tmp_path / "out") == content(one_thread / "vocabulary")
