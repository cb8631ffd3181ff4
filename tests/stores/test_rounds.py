"""How often a range or a shard waits for an answer of its store. With 100 ms an answer, that is what the time consists of.

No clock is looked at: the proxy holds the requests of a round until all of them are under way.
"""

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from beam_jobs import storage
from beam_jobs.inputs.find_sentences import SentenceFile
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.instances.job import InstanceJob
from beam_jobs.jobs.instances.plan_instances import plan_instances
from beam_jobs.jobs.instances.write_instances import write_instance_shard
from beam_jobs.jobs.segment.job import SegmentJob, open_job
from beam_jobs.jobs.segment.plan_shards import plan_shards_of_rows
from beam_jobs.jobs.segment.segment_ranges import segment_range
from beam_jobs.jobs.segment.write_shards import write_sentence_shard
from beam_jobs.jobs.vocabulary.count_words import count_words
from beam_jobs.jobs.vocabulary.job import open_vocabulary_job
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings
from beam_jobs.storage.clients import _ENDPOINTS
from tests.stores.proxy import Traffic, proxy
from vocab.vocabulary import parse_vocabulary

_RUNS = itertools.count()
_LINE = b'{"id": "%07d", "text": "' + b"En setning som handler om ingenting. " * 40 + b'"}\n'

Held = Callable[[Sequence[int]], AbstractContextManager[Traffic]]


@pytest.fixture
def held(bucket: str) -> Held:
    """Sends all requests to the store through a proxy that expects these rounds."""
    variable = _ENDPOINTS[bucket.partition("://")[0]]
    upstream = os.environ[variable]

    @contextmanager
    def through(rounds: Sequence[int]) -> Iterator[Traffic]:
        with pytest.MonkeyPatch.context() as patch, proxy(upstream, rounds=rounds) as (address, traffic):
            patch.setenv(variable, address)
            yield traffic
        assert traffic.late == []
        assert len(traffic.requests) == sum(rounds)
        assert traffic.copies() == 0

    return through


@pytest.fixture
def job(bucket: str) -> tuple[SegmentJob, list[Any], list[Any]]:
    """A job of four ranges in one file: the job, its items, and the lines of its plan."""
    folder = f"{bucket}/rounds{next(_RUNS)}"
    storage.write_atomically(f"{folder}/in/a.jsonl", b"".join(_LINE % i for i in range(2400)))
    job, items = open_job(SegmentSettings((f"{folder}/in",), f"{folder}/out"), 0.0)
    assert len(items) == 4
    return job, items, write_plan(items, job.output, "segment")


def test_a_range_waits_for_five_answers_a_sentence_shard_and_an_instance_shard_for_four(
    job, held, bucket, small_vocabulary
):
    job, items, lines = job
    with held([2, 1, 2, 1, 1]) as traffic:  # plan and row; the text; its version and the keys; the sentences; the row
        first = segment_range(lines[0], job)
    assert traffic.received <= 1.05 * items[0].size
    rows = [first, *(segment_range(line, job) for line in lines[1:])]
    with held([2, 1, 1, 1]):  # a finished range: plan and row; the size of its sentences; that of its keys; these
        assert segment_range(lines[0], job) == first
    (shard,) = plan_shards_of_rows(rows, job)
    with held([1, 4, 1, 1]) as traffic:  # the row; all blocks; the shard; its row
        row = write_sentence_shard(shard, job)
    assert traffic.received <= 1.05 * shard.bytes
    folder = job.output.removesuffix("/out")
    vocabulary = "\n".join(small_vocabulary.pieces).encode()
    storage.write_atomically(f"{folder}/made/vocab.txt", vocabulary)
    settings = InstanceSettings((job.output,), f"{folder}/made", dupe_factor=1)
    sha256 = parse_vocabulary(vocabulary, "vocab.txt").sha256
    instances = InstanceJob(settings, f"{folder}/made", True, len(small_vocabulary), sha256, "input", 1, 0.0)
    file = SentenceFile(storage.join(job.output, shard.name), shard.name, row["bytes"], "train", row["crc32c"])
    (item,) = plan_instances([file], 1e8, gzipped=True)
    write_instance_shard(item, instances)  # a worker reads the vocabulary once
    with held([1, 1, 1, 1]) as traffic:  # the row; the sentences; the shard; its row
        write_instance_shard(replace(item, name="train/again.tfrecord.gz"), instances)
    assert traffic.received <= 1.05 * file.size


def test_counting_words_waits_as_often_as_segmenting(bucket, held):
    folder = f"{bucket}/rounds{next(_RUNS)}"
    storage.write_atomically(f"{folder}/in/a.jsonl", b"".join(_LINE % i for i in range(100)))
    job, items = open_vocabulary_job(VocabularySettings((f"{folder}/in",), f"{folder}/out"), 0.0)
    (line,) = write_plan(items, job.output, "count")
    with held([2, 1, 2, 1]):
        count_words(line, job)


def test_many_tiny_files_are_fetched_at_the_same_time(bucket, held):
    folder = f"{bucket}/rounds{next(_RUNS)}"
    for i in range(8):
        storage.write_atomically(f"{folder}/in/{i}.jsonl", _LINE % i)
    job, items = open_job(SegmentSettings((f"{folder}/in",), f"{folder}/out"), 0.0)
    (line,) = write_plan(items, job.output, "segment")
    with held([2, 8, 9, 1, 1]):  # plan and row; all files; their versions and the keys; the sentences; the row
        segment_range(line, job)
