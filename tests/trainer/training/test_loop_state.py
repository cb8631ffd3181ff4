from trainer.training.loop_state import Progress
from trainer.training.rollbacks import Rollback


def test_progress_that_a_newer_version_saved_is_read_without_what_is_new():
    progress = Progress(step=20, rollbacks=(Rollback(30, 20, 20, 10),), seconds=3.5, interval={"loss": 2.0})
    record = {**progress.to_record(), "of_tomorrow": 1}
    record["rollbacks"] = [{**record["rollbacks"][0], "of_tomorrow": 2}]
    assert Progress.from_record(record) == progress
