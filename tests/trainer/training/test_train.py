"""What a launch leaves; which weights it begins with, and what it refuses, is in test_pretrain.py."""

import json

import pytest
from tiny_run import TINY, synthetic_data, tiny_plan

from trainer.model.config import BertConfig
from trainer.run.model_source import ModelSource
from trainer.tasks.pretraining import pretraining_of
from trainer.training.train import Launch, Training, train

pytestmark = pytest.mark.usefixtures("quick_compilation")


def test_the_log_says_how_it_ended_and_the_next_launch_goes_on(tmp_path):
    plan = tiny_plan()
    training = Training(
        plan,
        pretraining_of,
        ModelSource("tiny", BertConfig(**TINY), "", False),
        ["a", "b"],
        lambda plan, rows, runtime: synthetic_data(plan),
        described=["data"],
    )
    log = train(Launch(plan, (), str(tmp_path), max_steps=3, tensorboard=False), training)
    assert (log["status"], log["step"], log["lower_case"], log["data"]) == (
        "stopped at --max_steps",
        3,
        False,
        ["data"],
    )
    assert log["plan_hash"] == json.loads((tmp_path / "plan.json").read_text())["hash"]
    assert log["hardware"]["micro_batches"] == [2, 1]
    log = train(Launch(plan, (), str(tmp_path), max_steps=4, tensorboard=False), training)
    assert log["step"] == 4
    metrics = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [record["step"] for record in metrics if record["kind"] == "train"] == [1, 2, 3, 4]
