"""The three jobs in one command give what they give one by one."""

import dataclasses
import json
from pathlib import Path

import pytest

from beam_jobs.errors import UserError
from beam_jobs.jobs.instances.pipeline import run_instances
from beam_jobs.jobs.learned_corpus import learned_model_class, run_learned_corpus
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings


def settings_in(folder: Path):
    raw = folder.parent / "raw.jsonl"
    raw.write_text(
        "".join(json.dumps({"text": f"Ord {i} og tall. Nye ord {'abc' * (i % 7)}.", "id": i}) + "\n" for i in range(60))
    )
    sentences = SegmentSettings((str(raw),), f"{folder}/sentences", dev_fraction=0.2, max_num_cpus=1, max_rejected=0.5)
    vocabulary = VocabularySettings((sentences.output,), f"{folder}/vocabulary", vocab_size=100, max_num_cpus=1)
    instances = InstanceSettings(
        (sentences.output,), f"{folder}/instances", max_seq_length=32, dupe_factor=2, max_num_cpus=1
    )
    return sentences, vocabulary, instances


def files_in(folder: Path):
    skipped = ("corpus_stats.json", "config.toml")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in skipped
    }


def test_the_bytes_are_those_of_the_three_jobs(tmp_path):
    sentences, vocabulary, instances = settings_in(tmp_path / "corpus")
    manifest = run_learned_corpus(sentences, vocabulary, instances)
    assert (manifest.kind, manifest.documents) == ("instances", 60)
    one = files_in(tmp_path / "corpus")
    (tmp_path / "corpus").rename(tmp_path / "moved")
    a, b, c = settings_in(tmp_path / "corpus")  # the same folder, since a manifest names its model class
    run_segment(a)
    run_vocabulary(b)
    run_instances(dataclasses.replace(c, model_class=learned_model_class(b)))
    assert files_in(tmp_path / "corpus") == one
    assert {"instances/vocab.txt", "vocabulary/vocab.txt", "sentences/train/sentences-00000-of-00001.txt"} <= set(one)
    assert one["instances/vocab.txt"] == one["vocabulary/vocab.txt"]


def test_a_second_launch_makes_only_what_is_missing(tmp_path):
    sentences, vocabulary, instances = settings_in(tmp_path / "one")
    run_segment(sentences)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "one").rglob("*") if path.is_file()}
    manifest = run_learned_corpus(sentences, vocabulary, instances)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert run_learned_corpus(sentences, vocabulary, instances) == manifest


def test_all_settings_are_checked_before_the_first_job(tmp_path):
    sentences, vocabulary, instances = settings_in(tmp_path / "one")
    with pytest.raises(UserError, match="--dupe_factor"):
        run_learned_corpus(sentences, vocabulary, dataclasses.replace(instances, dupe_factor=0))
    with pytest.raises(UserError, match=r"is not .*sentences, the sentences of this corpus"):
        run_learned_corpus(sentences, dataclasses.replace(vocabulary, input=("elsewhere",)), instances)
    with pytest.raises(UserError, match="needs pairs"):
        run_learned_corpus(sentences, vocabulary, dataclasses.replace(instances, objective="pairs_given"))
    assert not (tmp_path / "one").exists()
