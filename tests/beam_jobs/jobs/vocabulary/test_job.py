import dataclasses

import pytest

from beam_jobs.errors import UserError
from beam_jobs.jobs.vocabulary.job import open_vocabulary_job
from beam_jobs.settings import VocabularySettings


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(5):
        (tmp_path / "in" / f"{i}.txt").write_text("en to\n" * 10)
    return VocabularySettings((str(tmp_path / "in"),), str(tmp_path / "out"))


def test_the_words_do_not_hang_on_what_only_the_learner_reads(settings):
    job, _ = open_vocabulary_job(settings, 0.0)
    for changes in ({"vocab_size": 500}, {"min_frequency": 5}, {"alphabet_size": 7}, {"name": "x"}):
        other, _ = open_vocabulary_job(dataclasses.replace(settings, **changes), 0.0)
        assert other.hash != job.hash
        assert other.counts_hash == job.counts_hash
    for changes in ({"lower_case": True}, {"normalize": "none"}, {"text_field": "body"}):
        other, _ = open_vocabulary_job(dataclasses.replace(settings, **changes), 0.0)
        assert other.counts_hash != job.counts_hash


def test_small_items_are_counted_together(settings):
    job, items = open_vocabulary_job(settings, 0.0)
    assert [[piece.name for piece in item.pieces] for item in items] == [[f"{i}.txt" for i in range(5)]]
    assert (items[0].index, items[0].size) == (0, 300)
    assert job.model_class_name == "custom.json"
    assert (job.reading.documents_are, job.reading.text_field) == ("lines", "text")


@pytest.mark.parametrize("name", ["", "a/b", "...", "manifest", "corpus_stats", "a b"])
def test_a_name_that_no_file_can_have_here(settings, name):
    with pytest.raises(UserError, match=r"--name .* cannot be a file's name here"):
        open_vocabulary_job(dataclasses.replace(settings, name=name), 0.0)


def test_an_output_that_is_the_input(settings):
    with pytest.raises(UserError, match=r"--input .* lies inside --output"):
        open_vocabulary_job(dataclasses.replace(settings, output=settings.input[0]), 0.0)


def test_a_job_reads_its_sample_and_knows_the_size_of_its_input(settings, monkeypatch):
    monkeypatch.setattr("beam_jobs.inputs.plan_ranges._MIN_RANGE", 60)
    job, items = open_vocabulary_job(dataclasses.replace(settings, sample_mb=0.00012), 0.0)
    pieces = [piece.name for item in items for piece in item.pieces]
    assert (len(pieces), len(set(pieces)), job.input_bytes) == (2, 2, 300)
    assert [item.index for item in items] == [0]
    everything, _ = open_vocabulary_job(settings, 0.0)
    assert job.counts_hash != everything.counts_hash


def test_a_larger_corpus_has_more_slices(settings, monkeypatch):
    monkeypatch.setattr("beam_jobs.jobs.vocabulary.job._SLICE_BYTES", 100)
    assert open_vocabulary_job(settings, 0.0)[0].slices == 3
    monkeypatch.setattr("beam_jobs.jobs.vocabulary.job._SLICE_BYTES", 300)
    assert open_vocabulary_job(settings, 0.0)[0].slices == 1
