import dataclasses

import pytest

from beam_jobs.errors import UserError
from beam_jobs.inputs.input_file import InputFile
from beam_jobs.inputs.plan_ranges import plan_hash
from beam_jobs.jobs.segment.job import open_job
from beam_jobs.settings import SegmentSettings


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("en")
    (tmp_path / "in" / "b.jsonl").write_text('{"text": "to"}\n')
    return SegmentSettings((str(tmp_path / "in"),), str(tmp_path / "out"))


def test_a_job_is_known_by_its_settings_and_its_listing(settings, tmp_path):
    job, items = open_job(settings, 5.0)
    assert (job.output, job.started) == (str(tmp_path / "out"), 5.0)
    assert job.input_hash == plan_hash([InputFile("", "a.txt", 2), InputFile("", "b.jsonl", 15)])
    assert [piece.name for item in items for piece in item.pieces] == ["a.txt", "b.jsonl"]
    assert not (tmp_path / "out").exists(), "nothing is written yet"
    other = dataclasses.replace(settings, max_num_cpus=3, run_name="x")
    assert open_job(other, 6.0)[0].hash == job.hash
    assert open_job(dataclasses.replace(settings, shard_mb=1.0), 5.0)[0].hash != job.hash
    (tmp_path / "in" / "a.txt").write_text("en to")
    assert open_job(settings, 5.0)[0].hash != job.hash


def test_ranges_do_not_depend_on_the_seed(settings):
    job, other = (open_job(dataclasses.replace(settings, random_seed=seed), 0.0)[0] for seed in (1, 2))
    assert job.hash != other.hash
    assert job.reusable == other.reusable
    assert job.reusable[0] == "segment"
    assert open_job(dataclasses.replace(settings, normalize="none"), 0.0)[0].reusable != job.reusable


def test_an_output_folder_inside_the_input_is_no_input(settings, tmp_path):
    inside = dataclasses.replace(settings, output=str(tmp_path / "in" / "out"))
    (tmp_path / "in" / "out").mkdir()
    (tmp_path / "in" / "out" / "c.txt").write_text("no")
    assert [piece.name for item in open_job(inside, 0.0)[1] for piece in item.pieces] == ["a.txt", "b.jsonl"]
    with pytest.raises(UserError, match=r"--input .* lies inside --output"):
        open_job(dataclasses.replace(settings, output=settings.input[0]), 0.0)
