"""The counters of Beam are the figures of our statistics, for every job, beside each other in one table."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from beam_jobs.engines.metrics import NAMESPACE, counted, of_range, of_vectors
from beam_jobs.execution.output_folder import prepare_output
from beam_jobs.inputs.find_sentences import find_sentences
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.instances.job import open_job as open_instance_job
from beam_jobs.jobs.instances.pipeline import WriteInstances
from beam_jobs.jobs.instances.plan_instances import plan_instances
from beam_jobs.jobs.segment.job import SEGMENT_STEP, open_job
from beam_jobs.jobs.segment.pipeline import SegmentCorpus
from beam_jobs.jobs.vocabulary.job import open_vocabulary_job
from beam_jobs.jobs.vocabulary.pipeline import LearnVocabulary
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghij.", *(f"##{c}" for c in "abcdefghij")]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Two hundred documents, one without text and one line that is no JSON."""
    path = tmp_path / "raw.jsonl"
    records = [{"id": str(i), "text": "Abc de fg. " * (i % 9 + 2)} for i in range(200)] + [{"id": "x", "text": " "}]
    path.write_text("".join(json.dumps(record) + "\n" for record in records) + "broken\n")
    return path


def _counters(build: Callable[[beam.Pipeline], object]) -> dict[tuple[str, str], int]:
    """(step, name) to the number that was counted."""
    pipeline = beam.Pipeline(runner=FnApiRunner())
    build(pipeline)
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query(beam.metrics.MetricsFilter().with_namespace(NAMESPACE))["counters"]
    return {(counter.key.step.rpartition("/")[2], counter.key.metric.name): counter.committed for counter in found}


def _stats(folder: Path) -> dict:
    return json.loads((folder / "corpus_stats.json").read_text())


def test_counters_are_the_statistics(tmp_path: Path, raw: Path) -> None:
    out = tmp_path / "sentences"
    settings = SegmentSettings((str(raw),), str(out), dev_fraction=0.2, max_rejected=1.0)
    job, items = open_job(settings, time.time())
    prepare_output(job.output, settings, job.hash)
    lines = write_plan(items, job.output, SEGMENT_STEP)
    counters = _counters(lambda p: p | beam.Create(lines) | "segment" >> SegmentCorpus(job))
    stats = _stats(out)
    ranges, shards = "count ranges", "count shards"
    assert counters == {
        (ranges, "ranges"): len(items),
        (ranges, "documents"): stats["documents"],
        (ranges, "sentences"): stats["sentences"],
        (ranges, "bytes_in"): stats["bytes_in"],
        (ranges, "bytes_out"): stats["bytes_out"],
        **{(ranges, f"rejected_{reason}"): count for reason, count in stats["rejected"].items()},
        (shards, "shards"): stats["num_shards"],
        (shards, "documents"): stats["documents"],
        (shards, "sentences"): stats["sentences"],
        (shards, "bytes_out"): stats["bytes_out"],
    }
    assert sum(stats["rejected"].values()) == 2

    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    made = InstanceSettings(
        (str(out),), str(tmp_path / "made"), vocab_file=str(tmp_path / "vocab.txt"), dupe_factor=2, max_seq_length=32
    )
    files, content = find_sentences(made.input)
    instance_job, vocabulary = open_instance_job(made, content, 1, time.time())
    prepare_output(instance_job.output, made, instance_job.hash)
    (tmp_path / "made" / "vocab.txt").write_bytes(vocabulary)
    shards_of_instances = plan_instances(files, 10**8, True)
    counters = _counters(lambda p: p | beam.Create(shards_of_instances) | "instances" >> WriteInstances(instance_job))
    stats = _stats(tmp_path / "made")
    step = "count shards"
    assert counters == {
        (step, "shards"): stats["num_shards"],
        (step, "documents"): sum(split["num_documents"] for split in stats["counts"].values()),
        (step, "instances"): sum(split["num_instances"] for split in stats["counts"].values()),
        (step, "bytes_in"): stats["bytes_in"],
        (step, "bytes_out"): stats["bytes_out"],
    }


def test_counters_of_the_vocabulary_job(tmp_path: Path, raw: Path) -> None:
    out = tmp_path / "vocabulary"
    settings = VocabularySettings((str(raw),), str(out), vocab_size=100, max_rejected=1.0)
    job, items = open_vocabulary_job(settings, time.time())
    prepare_output(job.output, settings, job.hash)
    lines = write_plan(items, job.output, "count")
    counters = _counters(lambda p: p | beam.Create(lines) | "vocabulary" >> LearnVocabulary(job))
    stats, step = _stats(out), "count ranges"
    assert counters == {
        (step, "ranges"): len(items),
        (step, "documents"): stats["documents"],
        (step, "bytes_in"): stats["bytes_in"],
        **{(step, f"rejected_{reason}"): count for reason, count in stats["rejected"].items()},
    }


def test_what_a_shard_of_vectors_counts() -> None:
    row = {"documents": 3, "records": 12, "bytes": 100, "totals": {"bytes_in": 50, "rejected": {"empty": 2}}}
    made = {"documents": 3, "vectors": 12, "bytes_in": 50, "bytes_out": 100}
    assert of_vectors(row) == {"shards": 1, **made, "rejected_empty": 2}


def test_a_failed_item_is_not_counted() -> None:
    assert counted(None, of_range) is None
