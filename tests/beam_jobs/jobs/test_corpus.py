"""Whole launches are in end_to_end/test_same_bytes.py; here, what one launch does about an earlier one."""

import json

import pytest

from beam_jobs.errors import UserError
from beam_jobs.jobs.corpus import run_corpus
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.settings import InstanceSettings, SegmentSettings

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefgh."]


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "raw.jsonl").write_text(
        "".join(json.dumps({"text": "a b c. d e f. " * (i + 1)}) + "\n" for i in range(6))
    )
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES))
    sentences = SegmentSettings((str(tmp_path / "raw.jsonl"),), str(tmp_path / "sentences"), max_num_cpus=1)
    instances = InstanceSettings(
        (sentences.output,),
        str(tmp_path / "instances"),
        vocab_file=str(tmp_path / "vocab.txt"),
        max_seq_length=16,
        max_predictions_per_seq=2,
        dupe_factor=1,
        max_num_cpus=1,
    )
    return sentences, instances


def test_the_vocabulary_is_looked_at_before_a_document_is_read(settings, tmp_path):
    sentences, instances = settings
    (tmp_path / "vocab.txt").write_text("a\n")
    with pytest.raises(UserError, match=r"vocab\.txt"):
        run_corpus(sentences, instances)
    assert not (tmp_path / "sentences").exists()


def test_finished_sentences_are_taken_as_they_are(settings, tmp_path):
    sentences, instances = settings
    run_segment(sentences)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "sentences").iterdir()}
    manifest = run_corpus(sentences, instances)
    assert manifest.kind == "instances"
    assert manifest.documents == 6
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "sentences").iterdir()} == before
    assert run_corpus(sentences, instances) == manifest
