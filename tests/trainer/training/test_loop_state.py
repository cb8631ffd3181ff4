import dataclasses
import json

from trainer.training.loop_state import Progress, StopRequestedError
from trainer.training.rollbacks import Rollback

PROGRESS = Progress(
    step=30,
    rollbacks=(Rollback(failed_step=12, checkpoint=8, at=8, batches=4), Rollback(25, 20, 20, 5)),
    seconds=1.5,
    loss_mean=3.25,
    loss_count=18,
    interval={"updates": 2.0},
)


def test_a_record_is_json_and_read_back():
    record = json.loads(json.dumps(PROGRESS.to_record()))
    assert set(record) == {"step", "rollbacks", "seconds", "loss_mean", "loss_count", "interval"}
    assert Progress.from_record(record) == PROGRESS


def test_batches_passed_over_up_to_here():
    assert PROGRESS.data_offset == 9
    assert dataclasses.replace(PROGRESS, step=15).data_offset == 4
    assert Progress().data_offset == 0


def test_records_of_the_version_that_kept_a_number_alone():
    record = {
        "step": 7,
        "rollbacks": 2,
        "data_offset": 11,
        "seconds": 1.0,
        "loss_mean": 0.0,
        "loss_count": 0,
        "interval": {},
    }
    found = Progress.from_record(record)
    assert found.rollbacks == (Rollback(failed_step=0, checkpoint=-1, at=0, batches=11),)
    assert Progress.from_record({**record, "rollbacks": 0, "data_offset": 0}).rollbacks == ()


def test_who_stopped_it():
    error = StopRequestedError(15)
    assert (error.signal, str(error)) == (15, "stopped by signal 15")


def test_progress_that_a_newer_version_saved_is_read_without_what_is_new():
    progress = Progress(step=20, rollbacks=(Rollback(30, 20, 20, 10),), seconds=3.5, interval={"loss": 2.0})
    record = {**progress.to_record(), "of_tomorrow": 1}
    record["rollbacks"] = [{**record["rollbacks"][0], "of_tomorrow": 2}]
    assert Progress.from_record(record) == progress
