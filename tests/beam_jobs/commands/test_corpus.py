import argparse

import pytest

from beam_jobs.commands import corpus as command
from beam_jobs.errors import UserError
from beam_jobs.jobs import corpus, learned_corpus
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings


@pytest.fixture
def run(monkeypatch, tmp_path):
    """What the command line makes of its arguments: (settings of one job, of the other, options of Beam)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "text.txt").write_text("Ei linje.\n")
    ran = []
    monkeypatch.setattr(corpus, "run_corpus", lambda *given: ran.append(given))
    monkeypatch.setattr(learned_corpus, "run_learned_corpus", lambda *given: ran.append(given))

    def made(*arguments):
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        options = parser.parse_args(arguments)
        options.beam_arguments = []
        assert command.run(options) == 0
        return ran.pop()

    return made


def test_one_output_holds_both(run):
    segment, instances, _ = run("--input", "a", "--output", "out/", "--language", "nb", "--dupe_factor", "3")
    assert segment == SegmentSettings(("a",), "out/sentences", language="nb")
    assert instances == InstanceSettings(("out/sentences",), "out/instances", dupe_factor=3)


def test_what_both_have_is_given_to_both(run):
    segment, instances, _ = run("--input", "a", "--output", "o", "--random_seed", "7", "--shard_mb", "5")
    assert (segment.random_seed, instances.random_seed, segment.shard_mb, instances.shard_mb) == (7, 7, 5.0, 5.0)


def test_an_output_is_asked_for(run):
    with pytest.raises(UserError, match="--output is missing"):
        run("--input", "a")


def test_a_vocabulary_is_learned_in_between(run):
    segment, vocabulary, instances, _ = run("--input", "a", "--output", "o", "--vocab_size", "500", "--lower_case")
    assert segment == SegmentSettings(("a",), "o/sentences")
    assert vocabulary == VocabularySettings(("o/sentences",), "o/vocabulary", vocab_size=500, lower_case=True)
    assert instances == InstanceSettings(("o/sentences",), "o/instances")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--vocab_size", "500", "--model_class", "x"], "--model_class x names one: leave one of them out"),
        (["--vocab_size", "500", "--vocab_file", "v.txt"], "--vocab_file v.txt names one: leave one of them out"),
        (["--vocab_size", "7"], "--vocab_size 7 must lie between"),
        (["--lower_case"], "--lower_case is for a vocabulary that is learned: add --vocab_size"),
        (["--min_frequency", "3"], "--min_frequency is for a vocabulary that is learned: add --vocab_size"),
    ],
)
def test_a_vocabulary_is_either_learned_or_named(run, options, message):
    with pytest.raises(UserError, match=message):
        run("--input", "a", "--output", "o", *options)


def test_no_template_holds_three_jobs(run):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    options = parser.parse_args(["--input", "a", "--output", "o", "--vocab_size", "500"])
    options.beam_arguments = ["--template_location=gs://b/t"]
    with pytest.raises(UserError, match="make templates of segment, vocabulary and instances"):
        command.run(options)
