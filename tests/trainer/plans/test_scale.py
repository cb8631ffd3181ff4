import dataclasses

from trainer.plans.plan import Phase, Plan
from trainer.plans.scale import TOY_CONFIG, scale_steps, toy
from trainer.plans.settings import (
    Checkpointing,
    Evaluation,
    Initialisation,
    KeepRule,
    LearningRate,
    ModelSettings,
)

PLAN = Plan(
    "p",
    (
        Phase("short", 128, 256, 1000, LearningRate(1e-3, warmup_steps=100, decay_steps=50), max_predictions=20),
        Phase("long", 512, 64, 10, LearningRate(1e-3, warmup_steps=9), accumulation=8, evaluation=Evaluation(every=30)),
    ),
    log_every=50,
    model=ModelSettings("bert_base_cased", {"num_hidden_layers": 12, "hidden_act": "gelu_new"}, rematerialise=True),
    init=Initialisation("somewhere"),
    checkpoint=Checkpointing(every=200, keep=(KeepRule(100, until=500, after=50),)),
)


def test_everything_that_is_counted_in_updates_is_scaled_and_nothing_becomes_none():
    plan = scale_steps(PLAN, 0.1)
    short, long = plan.phases
    assert (short.steps, short.learning_rate.warmup_steps, short.learning_rate.decay_steps) == (100, 10, 5)
    assert (long.steps, long.learning_rate.warmup_steps, long.learning_rate.decay_steps) == (1, 0, 0)
    assert long.evaluation.every == 3
    assert (plan.checkpoint.every, plan.checkpoint.keep, plan.log_every) == (20, (KeepRule(10, 50, 5),), 5)
    assert (short.batch, short.sequence_length, plan.init) == (256, 128, PLAN.init)
    assert list(plan.problems()) == []


def test_a_toy_keeps_the_form_and_is_small():
    plan = toy(PLAN)
    short, long = plan.phases
    assert (short.steps, long.steps) == (12, 2)
    assert (short.batch, short.sequence_length, short.max_predictions) == (4, 128, 20)
    assert (long.batch, long.sequence_length, long.max_predictions, long.accumulation) == (4, 512, 0, 2)
    assert [phase.evaluation.batches for phase in plan.phases] == [2, 2]
    assert plan.model.config == {"hidden_act": "gelu_new", **TOY_CONFIG}
    assert (plan.model.compute_dtype, plan.model.rematerialise) == ("float32", True)
    assert plan.init == Initialisation()
    assert list(plan.problems()) == []


def test_lengths_shrink_in_proportion():
    plan = toy(PLAN, steps=4, batch=2, length=64, config={"vocab_size": 99})
    assert [phase.sequence_length for phase in plan.phases] == [16, 64]
    assert [phase.max_predictions for phase in plan.phases] == [2, 9]
    assert plan.model.config["vocab_size"] == 99
    assert [phase.sequence_length for phase in toy(PLAN, length=8).phases] == [8, 8]


def test_the_plan_itself_is_left_alone():
    before = dataclasses.asdict(PLAN)
    toy(PLAN)
    assert dataclasses.asdict(PLAN) == before
