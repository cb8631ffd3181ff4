import json
import logging
from types import SimpleNamespace

from trainer.run.reporter import Reporter

TASK = SimpleNamespace(line=lambda record, digits: f"loss {record['loss']:.{digits}f}")
TRAIN = {
    "kind": "train",
    "step": 3,
    "phase": "p",
    "loss": 0.5,
    "learning_rate": 0.1,
    "gradient_norm": 1.0,
    "instances_per_second": 1.0,
    "tokens_per_second": 1.0,
    "model_flops_per_second": 1.0,
    "data_wait": 0.0,
    "seconds_left": 1.0,
}
EVALUATION = {"kind": "evaluation", "step": 3, "phase": "p", "split": "dev", "instances": 8.0, "loss": 0.25}


def test_records_go_to_the_file_and_lines_to_the_log(tmp_path, caplog):
    reporter = Reporter(str(tmp_path), 0, 10, tensorboard=False)
    with caplog.at_level(logging.INFO, logger="trainer"):
        reporter.record(TRAIN, TASK)
        reporter.record(EVALUATION, TASK)
        reporter.record({"kind": "rollback", "step": 3})
    reporter.close()
    lines = [record.message for record in caplog.records]
    assert [line.split(" | ")[0] for line in lines] == [
        "step 3/10 p",
        "step 3 p evaluation on dev (8 instances): loss 0.2500",
    ]
    assert " | loss 0.500 | " in lines[0]
    kept = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert kept == reporter.records == [TRAIN, EVALUATION, {"kind": "rollback", "step": 3}]


def test_what_was_said_of_later_updates_is_taken_back(tmp_path):
    reporter = Reporter(str(tmp_path), 0, 10)
    for step in (1, 2, 3):
        reporter.record({**TRAIN, "step": step}, TASK)
    reporter.take_back(2)
    reporter.close()
    assert [record["step"] for record in reporter.records] == [1, 2]
    assert (tmp_path / "tensorboard").is_dir()
    assert [record["step"] for record in Reporter(str(tmp_path), 1, 10).records] == [1]


def test_the_other_hosts_are_silent(tmp_path, caplog):
    reporter = Reporter(str(tmp_path / "out"), 0, 10, primary=False)
    with caplog.at_level(logging.INFO, logger="trainer"):
        reporter.record(TRAIN, TASK)
        reporter.say("x")
        reporter.take_back(0)
        reporter.close()
    assert (reporter.records, caplog.records, list(tmp_path.iterdir())) == ([], [], [])
