"""Whole launches are in end_to_end/test_same_bytes.py; here, what one launch does about an earlier one."""

import dataclasses
import json

import pytest

from beam_jobs.errors import UserError
from beam_jobs.inspection.inspected_corpus import open_corpus
from beam_jobs.inspection.render import title
from beam_jobs.inspection.samples import read_samples
from beam_jobs.inspection.scan import scan_corpus
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


@pytest.fixture
def pairs(settings, tmp_path):
    """Settings of both jobs for twenty records of two texts, one too long, and one without its second text."""
    sentences, instances = settings
    rows = [{"id": f"r{i}", "doc": "a b. c", "code": " ".join("defgh"[: i % 5 + 1])} for i in range(20)]
    rows += [{"id": "long", "doc": "a " * 30, "code": "b " * 30}, {"id": "none", "doc": "a"}]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return (
        dataclasses.replace(
            sentences, input=(str(tmp_path / "pairs.jsonl"),), text_field="doc", pair_field="code", max_rejected=0.1
        ),
        dataclasses.replace(instances, objective="pairs_given", dupe_factor=3),
    )


def test_each_record_of_two_texts_is_one_instance_in_each_copy(pairs, tmp_path):
    manifest = run_corpus(*pairs)
    assert (manifest.documents, manifest.records, manifest.labels) == (21, 63, ())
    totals = json.loads((tmp_path / "instances" / "corpus_stats.json").read_text())["totals"]
    assert (totals["truncated"], totals["truncated_pieces"]) == (3, 3 * (60 - 13))
    assert (totals["label_0"], totals["label_1"]) == (63, 0)
    corpus = open_corpus([str(tmp_path / "instances")])
    scan = scan_corpus(corpus, check_all=True)
    assert (scan.records, scan.wrong) == (63, 0)
    places = [(shard.name, record) for shard in corpus.shards for record in range(shard.records)]
    samples = read_samples({shard.name: shard.uri for shard in corpus.shards}, places)
    texts = [[corpus.vocabulary.pieces[i] for i in sample.instance.original_ids()] for sample in samples]
    wanted = [["[CLS]", *"ab.c", "[SEP]", *"defgh"[: i % 5 + 1], "[SEP]"] for i in range(20)]
    wanted.append(["[CLS]", *"a" * 7, "[SEP]", *"b" * 6, "[SEP]"])
    assert sorted(texts) == sorted(wanted * 3)
    assert title(samples[0].instance, corpus.vocabulary, corpus.labels).endswith("label 0: A and B of one record")


def test_pairs_that_need_not_match_have_a_label(pairs, tmp_path):
    sentences, instances = pairs
    manifest = run_corpus(sentences, dataclasses.replace(instances, objective="pairs_matching"))
    assert manifest.labels == ("A and B of one record", "B of another record")
    totals = json.loads((tmp_path / "instances" / "corpus_stats.json").read_text())["totals"]
    assert totals["label_0"] + totals["label_1"] == 63
    assert 15 < totals["label_1"] < 50


def test_an_objective_of_pairs_needs_the_field_of_the_second_text(pairs, tmp_path):
    sentences, instances = pairs
    with pytest.raises(UserError, match="--objective pairs_given needs pairs: name the fields of the two texts"):
        run_corpus(dataclasses.replace(sentences, pair_field=""), instances)
    assert not (tmp_path / "sentences").exists()
