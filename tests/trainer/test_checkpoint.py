"""What is kept, what is visible, what can be read back."""

from types import SimpleNamespace

import numpy as np
import pytest
from tiny_run import run, tiny_model, tiny_plan

from trainer.checkpoint import Checkpoints, KeepByPlan, save_steps_due
from trainer.plan_reading import read_plan
from trainer.runtime import current_runtime
from vocab.errors import UserError


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


def test_a_checkpoint_holds_what_was_when_it_was_saved(tmp_path):
    checkpoints = Checkpoints(str(tmp_path), tiny_plan("checkpoint = { every = 2 }"))
    try:
        state = {"weights": {"w": np.arange(4, dtype=np.float32)}}
        run_record = {"progress": {"interval": {"updates": 1.0}}}
        checkpoints.save(2, state, run_record)
        run_record["progress"]["interval"]["updates"] = 2.0  # training goes on while the file is written
        state["weights"]["w"] += 1
        checkpoints.wait()
        restored, record = checkpoints.restore(2, state)
    finally:
        checkpoints.close()
    assert record["progress"]["interval"] == {"updates": 1.0}
    np.testing.assert_array_equal(restored["weights"]["w"], [0, 1, 2, 3])


@pytest.fixture(scope="module")
def finished(tmp_path_factory, quick_compilation):
    output = tmp_path_factory.mktemp("finished")
    loop = run(tiny_plan("checkpoint = { every = 5 }"), output)
    return output, loop


def test_weights_read_back_are_those_of_the_model(finished):
    output, loop = finished
    checkpoints = Checkpoints(str(output))
    weights, record = checkpoints.restore_weights()
    assert record["progress"]["step"] == 20
    assert record["phase"] == "long"
    for variable in loop.model.trainable_variables:
        np.testing.assert_array_equal(weights[variable.path], np.asarray(variable.value))
    earlier, _ = checkpoints.restore_weights(12)
    assert any((earlier[path] != weights[path]).any() for path in weights)
    with pytest.raises(UserError, match="there are: 12, 15, 20"):
        checkpoints.restore_weights(13)
    checkpoints.close()


def test_a_checkpoint_of_another_network_is_a_plain_error(finished):
    from trainer.step import initial_state

    checkpoints = Checkpoints(str(finished[0]))
    other = initial_state(tiny_model(hidden_size=16))
    for like in (other, current_runtime().put_state(other)):
        with pytest.raises(UserError, match="is of another network"):
            checkpoints.restore(20, like)
    checkpoints.close()
