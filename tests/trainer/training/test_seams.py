"""A task and an optimizer with another state, defined beside this test, go through the whole trainer as pretraining does."""

import dataclasses
import json
import logging

import numpy as np
import pytest
import sentiment_task
from sentiment_task import SENTIMENT
from tiny_run import TINY

from beam_jobs.errors import UserError
from trainer.model.config import BertConfig
from trainer.optim.optimizers import optimizer_of
from trainer.plans.reading import plan_from_toml
from trainer.run.checkpoint import Checkpoints
from trainer.run.model_source import ModelSource
from trainer.training.train import Launch, Training, train

pytestmark = pytest.mark.usefixtures("quick_compilation")

FACTORED = sentiment_task.factored()
PLAN = """
name = "sentiment"
log_every = 2
[model]
compute_dtype = "float32"
[checkpoint]
every = 4
keep_last = 9
[[phase]]
name = "warm"
sequence_length = 8
batch = 16
steps = 6
accumulation = 2
learning_rate = { peak = 1e-2 }
optimizer = { name = "lamb" }
[[phase]]
name = "main"
sequence_length = 8
batch = 16
steps = 54
learning_rate = { peak = 3e-3 }
"""
KEYS = ["kind", "step", "phase", "loss", "accuracy", "gradient_norm", "instances", "tokens", "learning_rate"]


def plan():
    """The second phase asks for an optimizer that no plan file can name yet."""
    read = plan_from_toml(PLAN, "sentiment.toml")
    main = read.phases[1]
    return read.with_phases(
        [read.phases[0], dataclasses.replace(main, optimizer=dataclasses.replace(main.optimizer, name="factored"))]
    )


def start(output, **launch):
    network = BertConfig(**TINY, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    training = Training(
        plan=plan(),
        task_of=lambda phase: SENTIMENT,
        source=ModelSource("tiny", network, "", False),
        contents=["texts", "texts"],
        open_data=lambda plan, rows, runtime: sentiment_task.data_of(plan),
        optimizer_of=lambda settings: FACTORED if settings.name == "factored" else optimizer_of(settings),
    )
    return train(Launch(plan(), (), str(output), tensorboard=False, **launch), training)


def state_of(output, step):
    checkpoints = Checkpoints(str(output))
    state, _ = checkpoints._read(step)
    checkpoints.close()
    return state


def without_times(output):
    records = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    return [
        {name: value for name, value in record.items() if "second" not in name and name != "data_wait"}
        for record in records
    ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, quick_compilation):
    output = tmp_path_factory.mktemp("whole")
    return output, start(output)


def test_it_learns_and_reports_its_own_figures(whole):
    log = whole[1]
    assert log["status"] == "finished"
    first, second = log["phases"]
    assert list(second["train"])[: len(KEYS)] == KEYS
    assert sorted(second["evaluation"]) == ["accuracy", "instances", "kind", "loss", "phase", "split", "step"]
    assert second["evaluation"]["instances"] == 32
    assert second["evaluation"]["accuracy"] > 0.8 > 0.6 > first["evaluation"]["accuracy"]
    assert (second["train"]["count_min"], second["train"]["count_max"]) == (53, 54), (
        "the optimizer's figures, as a range"
    )
    assert "trust_ratio_min" not in second["train"]
    assert "trust_ratio_min" in first["train"]


def test_the_log_has_the_tasks_line(whole, tmp_path, caplog):
    caplog.set_level(logging.INFO, logger="trainer")
    start(tmp_path, max_steps=6)
    (line,) = [message for message in caplog.messages if message.startswith("step 6/60 warm |")]
    assert line.split(" | ")[1].startswith("loss ")
    assert line.split(" | ")[2].startswith("acc ")
    assert any(": loss " in m and " | acc " in m for m in caplog.messages if "evaluation on dev (32 instances)" in m)


@pytest.mark.parametrize("stop", [4, 6, 7, 30], ids=["in the first phase", "at its end", "after it", "in the second"])
def test_a_run_in_two_launches_is_the_run_in_one(stop, whole, tmp_path):
    start(tmp_path, max_steps=stop)
    start(tmp_path)
    assert without_times(tmp_path) == without_times(whole[0])
    mine, other = state_of(tmp_path, 60), state_of(whole[0], 60)
    for part in ("weights", "other"):
        for path, value in other[part].items():
            np.testing.assert_array_equal(mine[part][path], value, err_msg=path)
    assert list(mine["optimizer"]["rows"]) == list(other["optimizer"]["rows"])
    for path, value in other["optimizer"]["rows"].items():
        np.testing.assert_array_equal(mine["optimizer"]["rows"][path], value, err_msg=path)


def test_a_phase_with_another_state_begins_it_anew(whole):
    before, after = state_of(whole[0], 6), state_of(whole[0], 60)
    assert sorted(before["optimizer"]) == ["first_moment", "moment_updates", "second_moment"]
    assert sorted(after["optimizer"]) == ["columns", "count", "rows", "vectors"]
    assert int(after["optimizer"]["count"]) == 54
    assert after["optimizer"]["rows"]["bert/classifier/kernel"].shape == (32,)
    assert int(after["step"]) == 60


def test_weights_have_the_names_of_the_encoder_and_the_head(whole):
    names = set(state_of(whole[0], 60)["weights"])
    assert {"bert/embeddings/word_embeddings", "bert/pooler/kernel", "bert/classifier/kernel"} <= names
    assert not any("masked_lm" in name or "next_sentence" in name for name in names)


def test_the_guard_rolls_back_and_data_errors_reach_the_user(tmp_path, monkeypatch):
    make_batch, calls = sentiment_task.make_batch, []

    def spoiled(seed, step, rows, length):
        batch = make_batch(seed, step, rows, length)
        if step == 9 and seed != 10**6:
            calls.append(step)
            return {**batch, "weights": batch["weights"] * np.nan}
        if step == 16:
            raise UserError("texts.jsonl: line 3 has no label")
        return batch

    monkeypatch.setattr(sentiment_task, "make_batch", spoiled)
    with pytest.raises(UserError, match=r"texts\.jsonl: line 3 has no label"):
        start(tmp_path)
    (rollback,) = [record for record in without_times(tmp_path) if record["kind"] == "rollback"]
    assert (rollback["step"], rollback["failed_step"], rollback["reason"]) == (8, 10, "loss is nan")
    assert calls == [9]
