import dataclasses
import json
import logging

import pytest
from tiny_tasks import GOOD

from trainer.finetuning import runs
from trainer.finetuning.runs import finetune, run_places, summarise, summary_lines


def places(**changes):
    return run_places(dataclasses.replace(GOOD, **changes))


def test_a_single_run_is_in_the_output_itself():
    assert places() == [("output", 3e-5, 0)]


def test_several_runs_have_folders_of_their_own():
    assert places(seeds=2) == [("output/seed-0", 3e-5, 0), ("output/seed-1", 3e-5, 1)]
    assert places(learning_rate=(5e-5, 2e-5)) == [("output/rate-5e-05", 5e-5, 0), ("output/rate-2e-05", 2e-5, 0)]
    both = places(learning_rate=(5e-5, 2e-5), seeds=2, seed=7)
    assert [place for place, *_ in both] == [
        f"output/rate-{rate}/seed-{seed}" for rate in ("5e-05", "2e-05") for seed in (7, 8)
    ]


def scores(rate, seed, dev, test=None, *, failed=False, metric="macro_f1"):
    return {
        "metric": metric,
        "learning_rate": rate,
        "seed": seed,
        "step": 10,
        "dev": {"scores": {metric: dev}},
        **({"test": {"scores": {metric: test}}} if test is not None else {}),
        "baseline": {"dev": {metric: 0.3}},
        "failed": failed,
    }


RUNS = [
    ("a", scores(3e-5, 1, 0.8, 0.7)),
    ("b", scores(3e-5, 2, 0.3, 0.3, failed=True)),
    ("c", scores(5e-5, 1, 0.7, 0.9)),
    ("d", scores(5e-5, 2, 0.6, 0.8)),
]


def test_mean_deviation_and_worst_of_each_rate_and_the_failed_ones_by_name():
    found = summarise(RUNS)
    assert (found["metric"], found["best"]) == ("macro_f1", "5e-05")
    first = found["by_learning_rate"]["3e-05"]
    assert first["dev"] == pytest.approx({"mean": 0.55, "deviation": 0.5 / 2**0.5, "worst": 0.3})
    assert first["failed"] == ["b"]
    assert found["by_learning_rate"]["5e-05"]["test"]["mean"] == pytest.approx(0.85)
    assert found["runs"][1] == {
        "output": "b",
        "learning_rate": 3e-5,
        "seed": 2,
        "step": 10,
        "dev": 0.3,
        "test": 0.3,
        "failed": True,
    }
    lines = summary_lines(found)
    assert lines[0] == (
        "learning rate 3e-05, 2 runs: dev macro_f1 0.5500 (deviation 0.3536, worst 0.3000), test macro_f1 0.5000 (deviation "
        "0.2828, worst 0.3000); failed, no better than counting labels: b"
    )
    assert lines[1].endswith("; the best rate on dev")


def test_of_errors_the_lowest_is_best():
    found = summarise([("a", scores(3e-5, 1, 0.8, metric="mae")), ("b", scores(5e-5, 1, 0.9, metric="mae"))])
    assert found["best"] == "3e-05"
    assert found["by_learning_rate"]["5e-05"]["dev"] == {"mean": 0.9, "deviation": 0.0, "worst": 0.9}
    assert "test" not in found["by_learning_rate"]["5e-05"]


@pytest.fixture
def faked(monkeypatch):
    monkeypatch.setattr(runs, "prepare", lambda settings: settings)
    return lambda results: monkeypatch.setattr(runs, "finetune_one", lambda prepared, rate, seed, place: results[seed])


def test_all_runs_of_a_command_are_summarised(faked, tmp_path, caplog):
    caplog.set_level(logging.INFO, logger="trainer")
    faked({1: scores(3e-5, 1, 0.8), 2: scores(3e-5, 2, 0.3, failed=True)})
    found = finetune(dataclasses.replace(GOOD, output=str(tmp_path), seeds=2, seed=1))
    assert found == json.loads((tmp_path / "summary.json").read_text())
    told = [message for message in caplog.messages if "FAILED" in message]
    assert len(told) == 1
    assert (
        "seed-2: step 10: dev macro_f1 0.3000; counting labels gives 0.3000 on dev; FAILED: it learned nothing"
        in told[0]
    )


def test_runs_that_were_stopped_are_not_summarised(faked, tmp_path):
    faked({1: scores(3e-5, 1, 0.8), 2: None})
    assert finetune(dataclasses.replace(GOOD, output=str(tmp_path), seeds=2, seed=1)) is None
    assert not (tmp_path / "summary.json").exists()
