import pytest

from beam_jobs.errors import UserError
from tests.trainer.report.made_runs import make_run, record
from trainer.report.run_record import read_runs


def test_a_run_is_read_whole(tmp_path):
    (run,) = read_runs([make_run(tmp_path / "run") + "/"])
    assert run.name == "run"
    assert [one["step"] for one in run.train] == [100, 200, 300, 400, 500]
    assert [one["step"] for one in run.evaluations] == [250, 500]
    assert run.phases[0]["steps"] == 1000
    assert run.hidden == ("nsp_loss", "nsp_accuracy")
    assert run.stats is None


def test_a_run_that_trains_pairs_hides_nothing(tmp_path):
    assert read_runs([make_run(tmp_path / "run", weight=1.0)])[0].hidden == ()


def test_names_are_as_short_as_tells_them_apart(tmp_path):
    folders = [make_run(tmp_path / name) for name in ("a/seed_1", "b/seed_1", "b/seed_2")]
    assert [run.name for run in read_runs(folders[1:])] == ["seed_1", "seed_2"]
    assert [run.name for run in read_runs(folders)] == ["a/seed_1", "b/seed_1", "b/seed_2"]


def test_a_run_that_was_killed_before_its_first_checkpoint(tmp_path):
    folder = make_run(tmp_path / "run", [record(100)])
    (tmp_path / "run/run_logs.json").unlink()
    with (tmp_path / "run/metrics.jsonl").open("a") as file:
        file.write('{"kind": "train", "st')  # cut short by the kill
    (run,) = read_runs([folder])
    assert (run.log, run.phases, len(run.train)) == ({}, (), 1)


def test_what_is_no_run_is_one_line(tmp_path):
    with pytest.raises(UserError, match=r"has no metrics\.jsonl; name the --output of trainer pretrain"):
        read_runs([str(tmp_path)])
    with pytest.raises(UserError, match="holds no figures yet"):
        read_runs([make_run(tmp_path / "run", [])])
    with pytest.raises(UserError, match="is named twice"):
        read_runs(["a", "a/"])
    folder = make_run(tmp_path / "bad")
    (tmp_path / "bad/corpus_stats.json").write_text("{")
    with pytest.raises(UserError, match=r"corpus_stats\.json: cannot be read"):
        read_runs([folder])
