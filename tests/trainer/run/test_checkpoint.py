"""What is kept, what is visible, what can be read back."""

import numpy as np
import pytest
from tiny_run import run, tiny_model, tiny_plan

from beam_jobs.errors import UserError
from trainer.devices.runtime import current_runtime
from trainer.run import checkpoint
from trainer.run.checkpoint import Checkpoints


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
    from trainer.optim.optimizers import optimizer_of
    from trainer.plans.settings import OptimizerSettings
    from trainer.training.step import initial_state

    checkpoints = Checkpoints(str(finished[0]))
    other = initial_state(tiny_model(hidden_size=16), optimizer_of(OptimizerSettings()))
    for like in (other, current_runtime().put_state(other)):
        with pytest.raises(UserError, match="is of another network"):
            checkpoints.restore(20, like)
    checkpoints.close()


def test_digests_follow_values_dtypes_and_shapes_and_nothing_else():
    from trainer.run.checkpoint_digest import digests_of, what_differs

    state = {"weights": {"a": np.arange(6, dtype=np.float32).reshape(2, 3)}, "step": np.array(3, np.int32)}
    record = {"progress": {"step": 3, "loss_mean": 0.1}}
    digests = digests_of(state, record)
    assert not what_differs({**state, "weights": {"a": np.asfortranarray(state["weights"]["a"])}}, record, digests)
    for changed in (state["weights"]["a"] + 1, state["weights"]["a"].reshape(3, 2), state["weights"]["a"].astype("f8")):
        found = what_differs({**state, "weights": {"a": changed}}, record, digests)
        assert found == "weights a is not what was saved"
    assert what_differs({"step": state["step"]}, record, digests) == "weights a is not what was saved"
    assert "record" in what_differs(state, {"progress": {"step": 4, "loss_mean": 0.1}}, digests)


def test_the_hosts_of_a_run_agree_on_the_checkpoint_to_begin_with(tmp_path):
    """One host finds all readable, the other tells that it cannot read the newest: both begin with the one before."""
    plan, like = tiny_plan("checkpoint = { every = 2, keep_last = 3 }"), lambda step: {"w": np.zeros(3, np.float32)}
    checkpoints = Checkpoints(str(tmp_path), plan)
    for step in (2, 4):
        checkpoints.save(step, {"w": np.full(3, step, np.float32)}, {"progress": {"step": step}})
    checkpoints.wait()
    others, said = iter([True, False, False]), []
    state, record = checkpoints.restore_newest(like, said.append, lambda here: next(others) or here)
    assert record["progress"]["step"] == 2
    np.testing.assert_array_equal(state["w"], [2, 2, 2])
    assert checkpoints.steps() == [2]
    checkpoints.close()
    (line,) = said
    assert "4: another host cannot read it; moved to" in line
    assert (tmp_path / "damaged_checkpoints" / "4" / "state").is_dir()


def test_a_checkpoint_of_a_newer_format_is_refused_and_left_where_it_is(tmp_path, monkeypatch):
    plan, state = tiny_plan("checkpoint = { every = 2 }"), {"weights": {"w": np.zeros(3, np.float32)}}
    checkpoints = Checkpoints(str(tmp_path), plan)
    checkpoints.save(2, state, {"progress": {"step": 2}})
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "CHECKPOINT_FORMAT", 2)
        checkpoints.save(4, state, {"progress": {"step": 4}})
    checkpoints.wait()
    for use in (lambda: checkpoints.restore_newest(lambda step: state, print), checkpoints.restore_weights):
        with pytest.raises(UserError, match=r"checkpoints/4: its format is 2, but .* above 1; update beambert$"):
            use()
    assert checkpoints.steps() == [2, 4]
    assert checkpoints.restore(2, state)[1]["progress"] == {"step": 2}
    checkpoints.close()
