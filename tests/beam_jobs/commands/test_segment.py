import argparse

from beam_jobs.commands import segment as command
from beam_jobs.jobs.segment import pipeline
from beam_jobs.settings import SegmentSettings


def test_the_job_gets_the_settings_of_its_flags_and_the_options_of_beam(monkeypatch):
    ran = []
    monkeypatch.setattr(pipeline, "run_segment", lambda *given: ran.append(given))
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    options = parser.parse_args(["--input", "a", "b", "--output", "out", "--language", "nb"])
    options.beam_arguments = ["--runner=DirectRunner"]
    assert command.run(options) == 0
    assert ran == [(SegmentSettings(("a", "b"), "out", language="nb"), ["--runner=DirectRunner"])]


def test_the_examples_can_be_parsed():
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    for line in command.EXAMPLES.splitlines():
        name, *arguments = line.split()
        assert name == "segment"
        parser.parse_args(arguments)
