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
