import dataclasses
from types import SimpleNamespace

import pytest
from tiny_run import TINY, tiny_plan, work_of

from trainer.model.config import BertConfig
from trainer.run import metrics
from trainer.training.ledger import Ledger
from trainer.training.loop_state import Progress
from trainer.training.loss_guard import GuardError

UPDATE = {
    "loss": 3.0,
    "mlm_loss": 2.0,
    "mlm_accuracy": 0.5,
    "nsp_loss": 1.0,
    "nsp_accuracy": 0.25,
    "gradient_norm": 4.0,
    "instances": 8.0,
    "tokens": 100.0,
    "learning_rate": 0.1,
}


@pytest.fixture
def kept(monkeypatch):
    """A ledger of the tiny plan, the records that it reports, and a clock that stands still."""
    clock = [0.0]
    monkeypatch.setattr(metrics.time, "perf_counter", lambda: clock[0])
    plan, records = tiny_plan(), []
    reporter = SimpleNamespace(record=lambda record, task: records.append(record), advance=lambda *given: None)
    work = work_of(plan, [None, None])
    ledger = Ledger(plan, work, BertConfig(**TINY), SimpleNamespace(peak_flops=None), reporter)
    return ledger, records, clock


def test_means_and_the_time_that_is_left(kept):
    ledger, records, clock = kept
    progress = Progress(step=2)
    ledger.begin(0, progress)
    ledger.speed.restart()
    ledger.add(1, UPDATE, waited=0.5)
    ledger.add(2, {**UPDATE, "loss": 5.0}, waited=0.5)
    clock[0] = 4.0
    ledger.log(progress)
    (record,) = records
    assert (record["kind"], record["step"], record["phase"]) == ("train", 2, "short")
    assert (record["loss"], record["mlm_loss"], record["instances"]) == (4.0, 2.0, 16.0)
    assert (record["seconds_per_update"], record["data_wait"], progress.seconds) == (2.0, 0.25, 4.0)
    assert record["seconds_left"] > 2.0 * 10, "ten updates of this phase, and the next phase"


def test_the_guard_sees_every_update(kept):
    ledger, _, _ = kept
    ledger.begin(0, Progress())
    with pytest.raises(GuardError):
        ledger.add(1, {**UPDATE, "loss": float("nan")}, waited=0.0)


def test_what_the_next_launch_must_know(kept):
    ledger, _, _ = kept
    progress = Progress(step=1)
    ledger.begin(0, progress)
    for step in (1, 2):
        ledger.add(step, UPDATE, waited=0.0)
    ledger.keep(progress)
    assert (progress.loss_mean, progress.loss_count, progress.interval["updates"]) == (3.0, 2, 2.0)
    again = dataclasses.replace(progress, step=3)
    ledger.begin(0, again)
    ledger.add(4, UPDATE, waited=0.0)
    ledger.keep(again)
    assert (again.loss_count, again.interval["updates"]) == (3, 3.0)


def test_a_phase_begins_with_its_own_mean(kept):
    ledger, _, _ = kept
    progress = Progress(step=12, loss_mean=9.0, loss_count=12)
    ledger.begin(1, progress)
    ledger.add(13, UPDATE, waited=0.0)
    ledger.keep(progress)
    assert (progress.loss_mean, progress.loss_count) == (3.0, 1)
