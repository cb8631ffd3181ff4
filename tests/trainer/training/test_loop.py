"""Phases, the guard, and what the loop reports."""

import dataclasses
import json
import logging

import numpy as np
import pytest
from tiny_run import run, synthetic_data, tiny_model, tiny_plan

from beam_jobs.errors import UserError
from trainer.optim.schedule import learning_rate
from trainer.plans.reading import plan_from_toml
from trainer.run.checkpoint import Checkpoints
from trainer.tasks.pretraining import pretraining
from trainer.training.step import initial_state

pytestmark = pytest.mark.usefixtures("quick_compilation")

ONE_PHASE = """
name = "one"
log_every = 1
[checkpoint]
every = 4
[guard]
{guard}
[[phase]]
name = "only"
sequence_length = 8
max_predictions = 2
batch = 8
steps = {steps}
accumulation = 2
learning_rate = {{ peak = 1e-2, warmup_steps = 4 }}
evaluation = {{ batches = 0 }}
"""


def one_phase(steps=12, guard=""):
    return plan_from_toml(ONE_PHASE.format(steps=steps, guard=guard), "one.toml")


def of_kind(loop, kind):
    return [record for record in loop.records if record["kind"] == kind]


def spoil(*bad):
    """Weights of the masked pieces that are not numbers, in the batches of these data steps."""

    def change(step, batch):
        if step in bad:
            batch["masked_lm_weights"] = batch["masked_lm_weights"] * np.nan
        return batch

    return change


@pytest.fixture(scope="module")
def two_phases(tmp_path_factory, quick_compilation):
    output = tmp_path_factory.mktemp("two_phases")
    plan = tiny_plan()
    return output, run(plan, output, tensorboard=True), plan


def test_every_phase_has_its_own_schedule_from_its_own_first_step(two_phases):
    _, loop, plan = two_phases
    rates = [record["learning_rate"] for record in of_kind(loop, "train")]
    wanted = [
        learning_rate(phase.learning_rate, phase.steps, step) for phase in plan.phases for step in range(phase.steps)
    ]
    assert rates == pytest.approx(wanted, rel=1e-6)
    assert rates[12] == pytest.approx(1e-2)


def test_moments_carry_over_and_are_counted_on(two_phases):
    output, loop, _ = two_phases
    checkpoints = Checkpoints(str(output))
    state, _ = checkpoints.restore(20, initial_state(loop.model, loop.work[-1].optimizer))
    checkpoints.close()
    assert int(state["step"]) == int(state["optimizer"]["moment_updates"]) == 20


def test_a_phase_can_begin_with_zero_moments(tmp_path):
    plan = tiny_plan()
    plan = plan.with_phases([plan.phases[0], dataclasses.replace(plan.phases[1], reset_moments=True)])
    loop = run(plan, tmp_path)
    checkpoints = Checkpoints(str(tmp_path))
    state, _ = checkpoints.restore(20, initial_state(loop.model, loop.work[-1].optimizer))
    checkpoints.close()
    assert (int(state["step"]), int(state["optimizer"]["moment_updates"])) == (20, 8)


def test_evaluation_ends_every_phase_with_the_same_batches(two_phases):
    _, loop, _ = two_phases
    found = of_kind(loop, "evaluation")
    assert [(record["step"], record["phase"]) for record in found] == [(12, "short"), (20, "long")]
    assert all(record["instances"] == 16 for record in found)
    assert all(0 < record["mlm_loss"] < 10 for record in found)


def test_a_line_tells_what_a_person_wants_to_know(two_phases, caplog, tmp_path):
    output, loop, _ = two_phases
    from trainer.run.metrics import evaluation_line, log_line

    def line_of(record):
        return log_line(record, 20, pretraining(1.0).line(record, 3))

    line = line_of(of_kind(loop, "train")[-1])
    for part in (
        "step 20/20 long",
        "loss ",
        "mlm ",
        "nsp ",
        "acc ",
        "lr ",
        "grad ",
        "ex/s",
        "tok/s",
        "FLOP/s",
        "data wait",
        "left",
    ):
        assert part in line
    assert "trust" not in line, "AdamW has no trust ratios"
    assert "trust" in line_of(of_kind(loop, "train")[0])
    assert "MFU 41.0%" in line_of({**of_kind(loop, "train")[0], "mfu": 0.41})
    assert "evaluation on dev (16 instances)" in evaluation_line(of_kind(loop, "evaluation")[0], "loss")
    lines = (output / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == loop.records


def test_tensorboard_has_the_scalars(two_phases):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    output, loop, _ = two_phases
    events = EventAccumulator(str(output / "tensorboard")).Reload()
    assert {"train/loss", "train/learning_rate", "evaluation/mlm_accuracy"} <= set(events.Tags()["scalars"])
    losses = [event.value for event in events.Scalars("train/loss")]
    assert losses == pytest.approx([record["loss"] for record in of_kind(loop, "train")])


def test_optimizer_groups_are_logged(tmp_path, caplog):
    caplog.set_level(logging.INFO, logger="trainer")
    run(one_phase(steps=5), tmp_path, last_step=1)
    assert any("normalisation: 8 variables, 256 parameters, neither decayed nor adapted" in m for m in caplog.messages)
    assert any("bias: 10 variables" in message for message in caplog.messages)


def test_a_batch_that_gives_nan_is_skipped_by_going_back(tmp_path, caplog):
    caplog.set_level(logging.INFO, logger="trainer")
    plan = one_phase()
    loop = run(plan, tmp_path, data=synthetic_data(plan, change=spoil(6)))
    (rollback,) = of_kind(loop, "rollback")
    assert (rollback["step"], rollback["failed_step"]) == (4, 7)
    assert any("rolled back to step 4, skipping 3 batches" in message for message in caplog.messages)
    assert [record["step"] for record in of_kind(loop, "train")] == list(range(1, 13))
    assert loop.progress.data_offset == 3
    assert all(np.isfinite(record["loss"]) for record in loop.records if record["kind"] == "train")
    clean = run(plan, tmp_path / "clean")
    tokens = [record["tokens"] for record in of_kind(clean, "train")]
    assert [record["tokens"] for record in of_kind(loop, "train")][:4] == tokens[:4]
    assert [record["tokens"] for record in of_kind(loop, "train")][4:9] == tokens[7:12], (
        "batches 4, 5 and 6 are skipped"
    )


def test_a_fault_before_the_first_checkpoint_goes_back_to_the_start(tmp_path):
    plan = one_phase()
    loop = run(plan, tmp_path, data=synthetic_data(plan, change=spoil(1)))
    assert of_kind(loop, "rollback")[0]["step"] == 0
    assert loop.progress.step == 12


def test_the_guard_can_stop_instead_and_gives_up_after_some_rollbacks(tmp_path):
    plan = one_phase(guard='on_nonfinite = "stop"')
    with pytest.raises(UserError, match=r"step 7: loss is nan; stopped as the plan's guard says: lower learning_rate"):
        run(plan, tmp_path / "stop", data=synthetic_data(plan, change=spoil(6)))
    plan = one_phase(guard="max_rollbacks = 1")
    with pytest.raises(UserError, match="after 1 rollbacks"):
        run(plan, tmp_path / "twice", data=synthetic_data(plan, change=spoil(6, 9)))


def test_a_run_that_stopped_for_nan_left_no_spoiled_checkpoint(tmp_path):
    plan = one_phase(guard='on_nonfinite = "stop"')
    with pytest.raises(UserError):
        run(plan, tmp_path, data=synthetic_data(plan, change=spoil(7)))
    checkpoints = Checkpoints(str(tmp_path))
    assert checkpoints.latest() == 4
    checkpoints.close()


def test_what_the_data_raises_reaches_the_user(tmp_path):
    def change(step, batch):
        if step == 3:
            raise UserError("shard-00003: damaged")
        return batch

    plan = one_phase()
    with pytest.raises(UserError, match="shard-00003: damaged"):
        run(plan, tmp_path, data=synthetic_data(plan, change=change))


def test_a_few_updates_can_be_profiled(tmp_path):
    run(one_phase(steps=6), tmp_path, profile_steps=range(2, 4))
    assert list((tmp_path / "profile").rglob("*.xplane.pb"))


def test_the_loss_falls_on_something_that_can_be_learned(tmp_path):
    plan = one_phase(steps=60, guard='on_spike = "ignore"')
    batch = next(synthetic_data(plan)[0].train(0))
    data = [dataclasses.replace(synthetic_data(plan)[0], train=lambda start: iter(lambda: dict(batch), None))]
    loop = run(plan, tmp_path, data=data, model=tiny_model(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0))
    losses = [record["loss"] for record in of_kind(loop, "train")]
    assert losses[-1] < 0.7 * losses[0]
