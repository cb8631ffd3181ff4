import json

import pytest

from beam_jobs.errors import UserError
from trainer.run import run_folder
from trainer.run.run_folder import is_run_folder, lower_case_of, read_evaluation, read_run, read_run_log, write_run_log


def test_a_folder_is_a_runs_by_its_plan(tmp_path):
    assert not is_run_folder(str(tmp_path))
    with pytest.raises(UserError, match=r"no plan\.json here; name the --output of a training run"):
        read_run(str(tmp_path))
    (tmp_path / "plan.json").write_text("{}")
    assert is_run_folder(str(tmp_path))
    with pytest.raises(UserError, match="holds no checkpoint yet"):
        read_run(str(tmp_path))


def test_the_evaluation_of_a_step_is_the_last_one(tmp_path):
    records = [
        {"kind": "evaluation", "step": 5, "loss": 1.0},
        {"kind": "train", "step": 5},
        {"kind": "evaluation", "step": 5, "loss": 2.0},
        {"kind": "evaluation", "step": 6, "loss": 3.0},
    ]
    assert read_evaluation(str(tmp_path), 5) is None
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records) + '{"kin')
    assert read_evaluation(str(tmp_path), 5)["loss"] == 2.0
    assert read_evaluation(str(tmp_path), 7) is None


def test_the_log_of_a_run(tmp_path):
    assert read_run_log(str(tmp_path)) == {}
    write_run_log(str(tmp_path), {"step": 5, "name": "å"})
    found = read_run_log(str(tmp_path))
    assert list(found) == ["step", "name", "written", "versions"]
    assert (found["step"], found["name"]) == (5, "å")
    assert {"python", "machine", "keras", "jax", "numpy"} <= set(found["versions"])
    (tmp_path / "run_logs.json").write_text("[")
    assert read_run_log(str(tmp_path)) == {}


def test_the_casing_of_runs_of_earlier_versions(tmp_path, monkeypatch):
    monkeypatch.setattr(run_folder, "read_facts", lambda output: None)
    assert lower_case_of(str(tmp_path)) is None
    (tmp_path / "plan.json").write_text('{"hash": "h"}')
    for log, wanted in (
        ({"plan_hash": "h", "lower_case": True}, True),
        ({"plan_hash": "h", "lower_case": False}, False),
        ({"plan_hash": "of another run", "lower_case": True}, None),
        ({"plan_hash": "h"}, None),
    ):
        write_run_log(str(tmp_path), log)
        assert lower_case_of(str(tmp_path)) is wanted
