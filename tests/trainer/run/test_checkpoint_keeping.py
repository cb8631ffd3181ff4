from types import SimpleNamespace

from tiny_run import tiny_plan

from trainer.plans.reading import read_plan
from trainer.run.checkpoint_keeping import KeepByPlan, save_steps_due


def kept_after(plan, steps):
    """The checkpoints left at the end when one was saved after each of `steps`."""
    policy, there = KeepByPlan(plan), []
    for step in steps:
        there.append(SimpleNamespace(step=step))
        there = [c for c, keep in zip(there, policy.should_preserve(there, context=None), strict=True) if keep]
    return [checkpoint.step for checkpoint in there]


def test_the_28_checkpoints_of_multiberts():
    plan = read_plan("multiberts")
    due = [step for step in range(10_000, 2_000_001, 10_000) if save_steps_due(plan, step)]
    kept = kept_after(plan, due)
    assert kept == [*range(20_000, 200_001, 20_000), *range(300_000, 2_000_001, 100_000)]
    assert len(kept) == 28


def test_the_last_ones_and_the_ends_of_phases_stay():
    plan = tiny_plan("checkpoint = { every = 2, keep_last = 2 }")
    assert kept_after(plan, range(0, 21, 2)) == [12, 18, 20]


def test_a_rule_saves_steps_that_the_interval_would_miss():
    plan = tiny_plan("checkpoint = { every = 100, keep = [{ every = 7 }] }")
    assert [step for step in range(1, 21) if save_steps_due(plan, step)] == [7, 12, 14, 20]


def test_without_phase_ends_the_end_of_the_run_stays():
    plan = tiny_plan("checkpoint = { every = 2, keep_last = 1, keep_phase_ends = false }")
    assert kept_after(plan, range(0, 29, 2)) == [20, 28]
    assert [step for step in (12, 13, 20) if save_steps_due(plan, step)] == [12, 20]
