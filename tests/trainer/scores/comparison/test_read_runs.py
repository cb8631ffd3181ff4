import json

import pytest

from beam_jobs.errors import UserError
from trainer.scores.comparison.read_runs import predictions_name, read_runs


@pytest.fixture
def run(tmp_path):
    def made(name, split="dev", scores=True):
        folder = tmp_path / name
        (folder / "predictions").mkdir(parents=True, exist_ok=True)
        (folder / predictions_name(split)).write_text(json.dumps({"id": name, "value": 1.0, "gold": 1.0}) + "\n")
        if scores:
            (folder / "scores.json").write_text("{}")
        return str(folder)

    return made


def _found(folders, **options):
    return [(run.predictions.ids[0], run.seed) for run in read_runs(folders, **options)]


def test_one_folder_with_seeds(run, tmp_path):
    for seed in (10, 2, 0):
        run(f"a/seed-{seed}")
    (tmp_path / "a/scores.json").write_text("{}")
    assert _found([str(tmp_path / "a")]) == [("a/seed-0", 0), ("a/seed-2", 2), ("a/seed-10", 10)]
    assert read_runs([str(tmp_path / "a/")])[0].name == str(tmp_path / "a/seed-0")


def test_one_run_alone(run):
    assert _found([run("a")]) == [("a", 0)]


def test_each_of_several_folders_is_a_seed(run, tmp_path):
    for seed in (1, 2):
        run(f"b/seed-{seed}")
    assert _found([run("z"), str(tmp_path / "b")]) == [("z", 0), ("b/seed-1", 1), ("b/seed-2", 1)]


def test_folders_called_by_their_seeds(run):
    assert _found([run("a/seed-7"), run("a/seed-3")]) == [("a/seed-7", 7), ("a/seed-3", 3)]
    assert _found([run("a/seed-7"), run("b/seed-7")]) == [("a/seed-7", 0), ("b/seed-7", 1)]


def test_another_split(run):
    assert _found([run("a", split="test")], split="test") == [("a", 0)]


def test_a_run_without_predictions_or_scores_is_named(run, tmp_path):
    run("a/seed-0")
    unfinished = run("a/seed-1", scores=False)
    with pytest.raises(UserError) as caught:
        read_runs([str(tmp_path / "a")])
    assert str(caught.value).startswith(
        f"{unfinished} has no scores.json, so it is no finished run of `trainer finetune`"
    )
    with pytest.raises(UserError, match=r"seed-0 has no predictions/test\.jsonl"):
        read_runs([str(tmp_path / "a/seed-0")], split="test")
    with pytest.raises(UserError, match=r"nowhere has no predictions/dev\.jsonl.*; name one, or wait for its end"):
        read_runs([str(tmp_path / "nowhere")])


def test_a_folder_of_folders_names_those_below(run, tmp_path):
    below = run("a/rate-3e-05/seed-1")
    with pytest.raises(UserError) as caught:
        read_runs([str(tmp_path / "a")])
    assert str(caught.value).endswith(f"; there are {below}")


def test_a_folder_that_is_named_twice(run):
    folder = run("a")
    with pytest.raises(UserError, match="is named twice"):
        read_runs([folder, folder + "/"])
