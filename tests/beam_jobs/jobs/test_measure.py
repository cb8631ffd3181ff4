"""The sample's figures are those of the jobs themselves, for all of the input."""

import json
import time
from pathlib import Path

from beam_jobs.inputs.find_sentences import find_sentences
from beam_jobs.jobs.instances.job import open_job as open_instance_job
from beam_jobs.jobs.instances.pipeline import run_instances
from beam_jobs.jobs.instances.plan_instances import plan_instances
from beam_jobs.jobs.measure import measure_instances, measure_segment, measure_vocabulary, sample_sentences
from beam_jobs.jobs.segment.job import open_job
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.jobs.vocabulary.job import open_vocabulary_job
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghij.", *(f"##{c}" for c in "abcdefghij")]


def test_a_sample_that_is_the_whole_input_gives_what_the_jobs_give(tmp_path: Path) -> None:
    raw = tmp_path / "raw.jsonl"
    records = [
        {"id": str(i), "text": " ".join(f"Abc de {'abcdefghij'[j % 10]}." for j in range(i % 9 + 2))}
        for i in range(200)
    ]
    raw.write_text("".join(json.dumps(record) + "\n" for record in records) + "broken\n")
    settings = SegmentSettings((str(raw),), str(tmp_path / "out"), max_num_cpus=1, max_rejected=1.0)
    job, items = open_job(settings, time.time())
    (tmp_path / "measured").mkdir()
    ranges, shards, parts = measure_segment(items, job, tmp_path / "measured")
    manifest = run_segment(settings)
    assert ranges.bytes_in == raw.stat().st_size
    assert ranges.counts == {"documents": manifest.documents, "sentences": manifest.records, "rejected": 1}
    assert (shards.bytes_in, shards.bytes_out, ranges.bytes_out) == (manifest.bytes,) * 3
    assert ranges.seconds > 0

    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    fields = {"vocab_file": str(tmp_path / "vocab.txt"), "dupe_factor": 2, "max_seq_length": 32, "max_num_cpus": 1}
    of_instances = InstanceSettings((settings.output,), str(tmp_path / "instances"), **fields)
    files, content = find_sentences(of_instances.input)
    instance_job, vocabulary = open_instance_job(of_instances, content, 1, time.time())
    sampled = sample_sentences(plan_instances(files, 10**8, True), str(tmp_path / "heads"))
    made = measure_instances(sampled, instance_job, vocabulary, tmp_path / "made")
    of_job = run_instances(of_instances)
    assert made.counts == {"documents": of_job.documents, "instances": of_job.records}
    assert (made.bytes_in, made.bytes_out) == (manifest.bytes, of_job.bytes)
    assert measure_instances(parts, instance_job, vocabulary, tmp_path / "again").counts == made.counts


def test_words(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("En to tre.\nFire fem.\n" * 50)
    job, items = open_vocabulary_job(VocabularySettings((str(tmp_path / "a.txt"),), str(tmp_path / "out")), time.time())
    (tmp_path / "measured").mkdir()
    measured = measure_vocabulary(items, job, tmp_path / "measured")
    assert measured.counts == {"documents": 100, "rejected": 0}
    assert measured.bytes_in == (tmp_path / "a.txt").stat().st_size
    assert not (tmp_path / "out").exists()
