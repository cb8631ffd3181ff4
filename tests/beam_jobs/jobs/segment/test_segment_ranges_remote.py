"""What one range, one sentence shard and one instance shard ask of the object stores, on loopback."""

import itertools

from beam_jobs import storage
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.segment.job import open_job
from beam_jobs.jobs.segment.plan_shards import plan_shards_of_rows
from beam_jobs.jobs.segment.segment_ranges import segment_range
from beam_jobs.jobs.segment.write_shards import write_sentence_shard
from beam_jobs.settings import SegmentSettings

_RUNS = itertools.count()
LINE = b'{"id": "%07d", "text": "' + b"En setning som handler om ingenting. " * 40 + b'"}\n'
RANGE_BYTES = 1 << 20


def open_on(bucket):
    """A job of 3.5 ranges in one file, on a bucket: its plan lines and itself."""
    folder = f"{bucket}/run{next(_RUNS)}"
    data = b"".join(LINE % i for i in range(int(3.5 * RANGE_BYTES / len(LINE))))
    storage.write_atomically(f"{folder}/in/a.jsonl", data)
    job, items = open_job(SegmentSettings((f"{folder}/in",), f"{folder}/out"), 0.0)
    assert len(items) == 4
    return job, items, write_plan(items, job.output, "segment")


def test_requests_and_bytes_of_a_range_and_of_a_shard(bucket, received):
    job, items, lines = open_on(bucket)
    rows = []
    for item, line in zip(items, lines, strict=True):
        received.clear()
        rows.append(segment_range(line, job))
        if item.index != 1:  # the second has read the head of the file for all further ones
            assert len(received) <= 7  # the last ones put the text, the keys and the row
            assert sum(size for _, size in received) <= 1.05 * item.size
    for line, row in zip(lines, rows, strict=True):
        received.clear()
        assert segment_range(line, job) == row
        assert len(received) <= 5  # the plan, the row, the sizes of the text and the keys, and the checksum of these
    for shard in plan_shards_of_rows(rows, job):
        received.clear()
        write_sentence_shard(shard, job)
        assert len(received) <= len(shard.blocks) + 3
