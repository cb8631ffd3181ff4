import dataclasses

import numpy as np
import pytest

from beam_jobs.decoding.summary import Summary
from beam_jobs.inspection.inspected_corpus import Corpus
from beam_jobs.inspection.scan import ShardScan
from beam_jobs.inspection.scan_doubts import doubts
from beam_jobs.records import Manifest

GOOD = Summary(
    instances=2000,
    labels=np.array([1000, 1000]),
    pieces=2000 * 100,
    stored=2000 * 128,
    masked=24_000,
    random=3000,
    kept=3000,
    lengths=np.array([0] * 100 + [2000] + [0] * 28),
    predictions_per_instance=np.array([0] * 15 + [2000] + [0] * 4),
)
SETTINGS = {"max_seq_length": 128, "masked_lm_prob": 0.15, "objective": "nsp"}


@pytest.fixture
def told(small_vocabulary):
    """The lines about a summary, of a corpus with a manifest or without one."""

    def lines(summary=GOOD, settings=SETTINGS, **changes):
        manifest = Manifest("instances", "h", settings, ()) if settings else None
        corpus = Corpus("c", (), small_vocabulary, "v.txt", manifest)
        return doubts(corpus, ShardScan(dataclasses.replace(summary, **changes), {}, 0, (), True))

    return lines


def test_a_good_corpus_has_none(told):
    assert told() == told(settings=None) == told(Summary()) == []


def test_the_vocabulary_of_the_shards_is_named(told):
    (line,) = told(unknown=2100)
    assert line.text.startswith("1.1% of the pieces are [UNK]")
    assert "--vocab_file v.txt" in line.text


def test_labels_are_no_matter_where_there_is_one_segment(told):
    assert len(told(labels=np.array([1900, 100]))) == 1
    assert told(labels=np.array([1900, 100]), one_segment=1000) == []
    assert len(told(labels=np.array([1900, 100]), one_segment=999)) == 1
    assert told(labels=np.array([2000, 0]), settings={**SETTINGS, "objective": "full_sentences"}) == []


def test_how_many_are_predicted_is_weighed_by_the_setting_or_by_berts(told):
    few = {"masked": 12_000, "random": 1500, "kept": 1500, "predictions_per_instance": np.array([0] * 7 + [2000])}
    assert told(**few)[0].text.startswith("7.5% of the pieces are predicted, not 15%")
    assert told(**few, settings=None)[0].text.startswith("7.5% of the pieces are predicted, not 15%")
    assert told(**few, settings={**SETTINGS, "masked_lm_prob": 0.08}) == []
    assert told(**few, dynamic=2000) == []


def test_padding(told):
    (line,) = told(stored=2000 * 201)
    assert line.text.startswith("50.2% of the positions are padding")
