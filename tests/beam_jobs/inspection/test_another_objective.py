"""An objective with labels of its own goes from generation to the report of `inspect` by its one entry in OBJECTIVES."""

import json
from collections import Counter

import numpy as np
import pytest

from beam_jobs.decoding.decode import decode_instance
from beam_jobs.inspection.figures import figures
from beam_jobs.inspection.inspected_corpus import open_corpus
from beam_jobs.inspection.page import render_page
from beam_jobs.inspection.render import title
from beam_jobs.inspection.samples import read_samples, to_text
from beam_jobs.inspection.scan import scan_corpus
from beam_jobs.inspection.scan_doubts import doubts
from beam_jobs.records.tfrecord_stream import read_records
from beam_jobs.settings import instances, objectives
from beam_jobs.settings.objectives import OBJECTIVES, Objective, Pairs

WORDS = ("B follows A", "A follows B", "B is random")
THREE_WAYS = Objective(
    "structural (StructBERT)", WORDS, Pairs(random=1 / 3, random_label=2, swapped=0.5, swapped_label=1)
)


@pytest.fixture
def folder(make_corpus, monkeypatch):
    for module in (objectives, instances):
        monkeypatch.setattr(module, "OBJECTIVES", {**OBJECTIVES, "structural": THREE_WAYS})
    return make_corpus(objective="structural")


def test_three_labels(folder):
    corpus = open_corpus([str(folder)])
    scan = scan_corpus(corpus, check_all=True)
    stored = Counter()
    for shard in corpus.shards:
        with open(shard.uri, "rb") as stream:  # noqa: PTH123
            records = [decode_instance(record) for _, record in read_records(stream, shard.uri, range(shard.records))]
        stored.update(int(record.next_sentence_labels[0]) for record in records)
    assert min(stored[label] for label in range(3)) > 0.2 * scan.records
    assert scan.wrong == 0
    assert scan.summary.labels.tolist() == [stored[label] for label in range(3)]
    totals = json.loads((folder / "corpus_stats.json").read_text())["totals"]
    assert [totals[f"label_{label}"] for label in range(3)] == scan.summary.labels.tolist()
    assert not any("label" in doubt for doubt in doubts(corpus, scan))
    assert {figure.name: figure.note for figure in figures(scan.summary, corpus.labels) if "label" in figure.name} == {
        "label 1": "A follows B",
        "label 2": "B is random",
    }
    samples = read_samples({s.name: s.uri for s in corpus.shards}, [(corpus.shards[0].name, i) for i in range(20)])
    for sample in samples:
        said = f"label {sample.instance.next_sentence_labels[0]}: {WORDS[sample.instance.next_sentence_labels[0]]}"
        assert title(sample.instance, corpus.vocabulary, corpus.labels).endswith(said)
        assert said in to_text(sample, corpus.vocabulary, corpus.labels)
    assert "2: B is random: " in render_page(corpus, scan, samples)
    assert np.isclose(sum(THREE_WAYS.label_shares), 1)


def test_a_label_beyond_those_of_the_objective_is_wrong(folder, make_corpus):
    corpus = open_corpus([str(folder)])
    assert scan_corpus(corpus, check_all=True).wrong == 0
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["settings"]["objective"] = "nsp"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    scan = scan_corpus(open_corpus([str(folder)]), check_all=True)
    assert scan.wrong == corpus.stats["totals"]["label_2"]
    assert "next_sentence_labels is [2], neither 0 nor 1" in scan.violations[0].what
