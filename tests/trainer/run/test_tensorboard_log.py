from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from trainer.run.tensorboard_log import TensorBoardLog


def events_of(folder):
    return [event for path in sorted(folder.iterdir()) for event in EventFileLoader(str(path)).Load()]


def test_the_numbers_of_a_record_stand_under_its_kind(tmp_path):
    log = TensorBoardLog(str(tmp_path), 4)
    log.write({"kind": "train", "step": 5, "loss": 0.5, "instances": 8, "phase": "short"})
    log.close()
    written = [event for event in events_of(tmp_path) if event.summary.value]
    assert [event.step for event in written] == [5]
    values = {value.tag: value.tensor.float_val[0] for value in written[0].summary.value}
    assert values == {"train/loss": 0.5, "train/instances": 8.0}


def test_a_launch_and_a_rollback_make_what_lies_beyond_void(tmp_path):
    log = TensorBoardLog(str(tmp_path), 4)
    log.take_back(2)
    log.flush()
    starts = [event.step for event in events_of(tmp_path) if event.HasField("session_log")]
    log.close()
    assert starts == [5, 3]
