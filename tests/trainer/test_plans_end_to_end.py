"""Every shipped plan runs from beginning to end at toy scale: its phases, optimizers, schedules and checkpoint rules."""

import math

import pytest
from tiny_run import synthetic_data

from trainer.model.config import BertConfig
from trainer.plans.reading import plan_names, read_plan
from trainer.plans.scale import toy
from trainer.run.checkpoint import Checkpoints
from trainer.run.model_source import ModelSource
from trainer.tasks.pretraining import pretraining_of
from trainer.training.train import Launch, Training, train

NETWORK = {
    "vocab_size": 64,
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}


PRETRAINING = [name for name in plan_names() if read_plan(name).distillation is None]
"""The others, which need a teacher, run in `distillation/test_distill.py`."""


@pytest.mark.parametrize("name", PRETRAINING)
def test_the_plan_runs_at_toy_scale(name, tmp_path, quick_compilation):
    plan = toy(read_plan(name), steps=6, batch=4, length=32)
    source = ModelSource("toy", BertConfig(**NETWORK, max_position_embeddings=32), "", None)
    launch = Launch(plan=plan, data=(), output=str(tmp_path), tensorboard=False)
    contents = ["synthetic"] * len(plan.phases)
    training = Training(plan, pretraining_of, source, contents, lambda plan, rows, runtime: synthetic_data(plan))
    log = train(launch, training)
    assert log["status"] == "finished"
    assert log["step"] == plan.steps
    assert [phase["name"] for phase in log["phases"]] == [phase.name for phase in read_plan(name).phases]
    for phase in log["phases"]:
        assert math.isfinite(phase["train"]["loss"])
        assert math.isfinite(phase["evaluation"]["mlm_loss"])
        assert 0 <= phase["evaluation"]["nsp_accuracy"] <= 1
    checkpoints = Checkpoints(str(tmp_path))
    ends = {plan.first_step(i) + phase.steps for i, phase in enumerate(plan.phases)}
    assert ends <= set(checkpoints.steps())
    checkpoints.close()


def test_a_toy_keeps_the_shape_of_its_plan():
    plan, small = read_plan("notram_mbert"), toy(read_plan("notram_mbert"), steps=20, length=32)
    assert [phase.steps for phase in small.phases] == [14, 6, 20]
    assert [phase.sequence_length for phase in small.phases] == [8, 32, 32]
    assert small.phases[0].learning_rate.warmup_steps == 1
    assert [p.learning_rate.decay for p in small.phases] == [p.learning_rate.decay for p in plan.phases]
    for phase in small.phases:
        assert not list(phase.problems())
