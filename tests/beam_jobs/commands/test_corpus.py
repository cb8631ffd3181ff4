import argparse

import pytest

from beam_jobs.commands import corpus as command
from beam_jobs.errors import UserError
from beam_jobs.jobs import corpus
from beam_jobs.settings import InstanceSettings, SegmentSettings


@pytest.fixture
def run(monkeypatch):
    """What the command line makes of its arguments: (settings of one job, of the other, options of Beam)."""
    ran = []
    monkeypatch.setattr(corpus, "run_corpus", lambda *given: ran.append(given))

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
