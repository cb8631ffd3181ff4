import re
import time
from dataclasses import dataclass, replace

import apache_beam as beam
import pytest

from beam_jobs import storage
from beam_jobs.errors import EndedRunUserError, UserError
from beam_jobs.execution.failures import attempt
from beam_jobs.execution.launch import Ending, close_job, prepare_job, run_with_progress, workers_for
from beam_jobs.execution.run_pipeline import pipeline_options
from beam_jobs.execution.stats_file import write_manifest_and_stats
from beam_jobs.records import Manifest, Shard
from beam_jobs.settings import SegmentSettings
from beam_jobs.settings.config_text import config_text

SETTINGS = SegmentSettings()


@dataclass(frozen=True)
class Job:
    output: str
    settings: SegmentSettings = SETTINGS
    started: float = 0.0
    hash: str = "h"


@pytest.fixture
def job(tmp_path):
    return Job(str(tmp_path / "out"), started=time.time() - 60)


def line(manifest, seconds):
    return f"{manifest.records} records in {seconds if seconds is None else round(seconds, -1)} s"


ENDING = Ending(line, lambda new: print(f"remarks, {'new' if new else 'old'}"), lambda: print("preview"))


def finish(job):
    shard = Shard("sentences-00000-of-00001.txt", "default", 3, 2, 4, "00000000")
    storage.write_atomically(f"{job.output}/{shard.name}", b"abc\n")
    manifest = Manifest("sentences", job.hash, {}, (shard,))
    write_manifest_and_stats(job.output, manifest, {})
    return manifest


def test_a_job_from_its_beginning_to_its_end(job, capsys):
    assert prepare_job(job, ENDING, {"vocab.txt": b"[PAD]\n"}) is None
    assert storage.list_folder(job.output) == ["_work/run.json", "config.toml", "vocab.txt"]
    assert storage.read_bytes(f"{job.output}/vocab.txt") == b"[PAD]\n"
    manifest = finish(job)
    assert capsys.readouterr().out == ""
    assert close_job(job, ENDING) == manifest
    assert capsys.readouterr().out == "preview\n3 records in 60.0 s\nremarks, new\n"
    assert storage.list_folder(f"{job.output}/_work") == []


def test_the_folder_keeps_the_settings_of_its_job(job):
    prepare_job(job, ENDING)
    kept = config_text(job.settings).encode()
    assert storage.read_bytes(f"{job.output}/config.toml") == kept
    other = Job(job.output, replace(SETTINGS, max_num_cpus=3))  # the same bytes, other processes: the run goes on
    prepare_job(other, ENDING)
    assert b"max_num_cpus = 3\n" in storage.read_bytes(f"{job.output}/config.toml")
    finish(other)
    close_job(other, ENDING)
    prepare_job(job, ENDING)
    assert b"max_num_cpus = 3\n" in storage.read_bytes(f"{job.output}/config.toml")


def test_a_file_of_settings_that_no_job_wrote_is_not_overwritten(job):
    path = f"{job.output}/config.toml"
    storage.write_atomically(path, b"language = 'nb'\n")
    with pytest.raises(UserError, match=r"already holds config.toml, which no job here wrote"):
        prepare_job(job, ENDING)
    assert storage.read_bytes(path) == b"language = 'nb'\n"
    storage.write_atomically(path, config_text(job.settings).encode())  # kept from an earlier output: it may stay
    assert prepare_job(job, ENDING) is None
    with pytest.raises(UserError, match=r"already holds config.toml"):
        prepare_job(Job(job.output, replace(SETTINGS, text_field="t"), hash="other"), ENDING)


def test_a_finished_output_is_reported_and_stays_as_it_is(job, capsys):
    prepare_job(job, ENDING)
    manifest = finish(job)
    close_job(job, ENDING)
    before = storage.list_folder(job.output)
    capsys.readouterr()
    assert prepare_job(job, ENDING, {"other.txt": b""}) == manifest
    assert capsys.readouterr().out == f"{job.output} is finished already: 3 records in None s\nremarks, old\n"
    assert storage.list_folder(job.output) == before


def test_the_time_of_a_job_that_was_not_alone_in_its_pipeline_is_not_told(job, capsys):
    prepare_job(job, ENDING)
    finish(job)
    close_job(job, ENDING, timed=False)
    assert "3 records in None s\n" in capsys.readouterr().out


def test_without_a_preview_the_line_comes_first(job, capsys):
    prepare_job(job, ENDING)
    finish(job)
    close_job(job, Ending(line, lambda _: None))
    assert re.fullmatch(r"3 records in .* s\n", capsys.readouterr().out)


def test_what_failed_is_raised_before_anything_is_told_and_forgotten_by_the_next_launch(job, capsys):
    def fail(element):
        raise UserError(f"{element} is damaged")

    prepare_job(job, ENDING)
    attempt("a.txt", fail, job.output)
    with pytest.raises(UserError, match=r"a\.txt is damaged"):
        close_job(job, ENDING)
    assert capsys.readouterr().out == ""
    assert storage.exists(f"{job.output}/_work/run.json")
    assert prepare_job(job, ENDING) is None
    finish(job)
    close_job(job, ENDING)


def test_an_output_of_other_settings_is_refused(job):
    prepare_job(job, ENDING)
    finish(job)
    with pytest.raises(UserError, match="already holds a finished corpus made"):
        prepare_job(Job(job.output, hash="other"), ENDING)


def test_the_pipeline_has_run_when_the_call_returns(job):
    path = f"{job.output}/made"

    def build(pipeline):
        return pipeline | beam.Create([b"x"]) | beam.Map(lambda data: storage.write_atomically(path, data))

    run_with_progress(build, pipeline_options([]), 1, {job.output: ["segment"]})
    assert storage.read_bytes(path) == b"x"


def test_no_more_workers_than_items_unless_the_user_asks_for_them():
    assert workers_for(pipeline_options([]), 0, 1e12, 1) == 1
    assert workers_for(pipeline_options([]), 1, 1e12, 9) == 1
    assert workers_for(pipeline_options(["--direct_num_workers", "3"]), 0, 1e12, 1) == 3


def test_a_job_that_has_written_nothing_has_not_ended_well(job):
    prepare_job(job, ENDING)
    with pytest.raises(UserError, match=f"--output {job.output} is not finished, and no worker has left a message"):
        close_job(job, ENDING)


def test_a_manifest_of_an_earlier_launch_is_no_end(job):
    prepare_job(job, ENDING)
    finish(job)
    storage.delete([f"{job.output}/corpus_stats.json"])
    with pytest.raises(UserError, match="is not finished"):
        close_job(job, ENDING)


def test_a_note_of_an_earlier_launch_that_was_listed_too_late_to_be_removed_is_no_failure(job):
    def fail(element):
        raise UserError(f"{element} is damaged")

    prepare_job(job, ENDING)
    attempt("a.txt", fail, job.output)
    finish(job)
    close_job(job, ENDING)


def test_a_run_that_another_one_has_overtaken_leaves_no_work_folder(job):
    def overtaken(element):
        finish(job)
        raise EndedRunUserError("another run has finished it")

    prepare_job(job, ENDING)
    with pytest.raises(UserError, match="another run has finished it"):
        run_with_progress(
            lambda pipeline: pipeline | beam.Create([1]) | beam.FlatMap(attempt, overtaken, job.output),
            pipeline_options([]),
            1,
            {job.output: ["segment"]},
        )
    assert not storage.exists(f"{job.output}/_work")
