"""What is passed over after faults: every batch up to the one that failed, never one twice, whatever came in between."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from trainer.training.loop_state import Progress
from trainer.training.rollbacks import (
    Rollback,
    batches_from,
    passed_over,
    read_rollbacks,
    rollback_after,
    write_rollbacks,
)


def read(rollbacks, step, count, first_data_step=0):
    return list(itertools.islice(batches_from(itertools.count, step, first_data_step, rollbacks), count))


def test_two_bad_batches_behind_one_checkpoint():
    first = rollback_after((), 30, 20, 0)
    assert first == Rollback(failed_step=30, checkpoint=20, at=20, batches=10)
    assert read((first,), 20, 3) == [30, 31, 32]
    second = rollback_after((first,), 25, 20, 0)  # batch 34
    assert read((first, second), 20, 3) == [35, 36, 37]
    assert passed_over((first, second), 20) == 15


def test_from_an_earlier_checkpoint_the_same_batches_are_read_again():
    rollbacks = (Rollback(30, 20, 20, 10),)
    assert read(rollbacks, 15, 8) == [15, 16, 17, 18, 19, 30, 31, 32]
    assert read(rollbacks, 20, 3) == read(rollbacks, 15, 8)[5:]


def test_a_fault_of_a_phase_takes_nothing_from_the_phase_before():
    added = rollback_after((), failed_step=15, checkpoint=5, phase_start=12)
    assert added == Rollback(failed_step=15, checkpoint=5, at=12, batches=3)


@given(st.data(), st.lists(st.integers(0, 60), max_size=8))
def test_a_failed_batch_never_comes_again_and_none_comes_twice(data, bad):
    """Runs of 60 steps that fall back to any checkpoint before a bad batch."""
    rollbacks, step, read_at = (), 0, {}
    while step < 60:
        batch = next(batches_from(itertools.count, step, 0, rollbacks))
        step += 1
        if batch in bad:
            checkpoint = data.draw(st.integers(0, step - 1))
            added = rollback_after(rollbacks, step, checkpoint, 0)
            assert added.batches > 0
            rollbacks = (*rollbacks, added)
            step = checkpoint
        else:
            read_at[step] = batch
    assert read(rollbacks, 0, 60) == [read_at[step] for step in range(1, 61)]
    assert not set(bad) & set(read_at.values())
    assert sorted(set(read_at.values())) == [read_at[step] for step in range(1, 61)]


def test_the_file_and_the_record_hold_them(tmp_path):
    rollbacks = (Rollback(30, 20, 20, 10), Rollback(25, 20, 20, 5))
    assert read_rollbacks(str(tmp_path)) == ()
    write_rollbacks(str(tmp_path), ())
    assert not list(tmp_path.iterdir()), "a run without rollbacks gets no file"
    write_rollbacks(str(tmp_path), rollbacks)
    assert read_rollbacks(str(tmp_path)) == rollbacks
    progress = Progress(step=20, rollbacks=rollbacks)
    assert Progress.from_record(progress.to_record()) == progress
    (tmp_path / "rollbacks.json").write_text("[{")
    assert read_rollbacks(str(tmp_path)) == ()


def test_records_that_knew_only_the_number_of_batches():
    old = {"step": 20, "data_offset": 10, "rollbacks": 1, "seconds": 1.0, "loss_mean": 2.0, "loss_count": 3}
    progress = Progress.from_record({**old, "interval": {}})
    assert progress.data_offset == 10
    assert read(progress.rollbacks, 20, 2) == [30, 31]
    assert Progress.from_record({**old, "data_offset": 0, "rollbacks": 0, "interval": {}}).rollbacks == ()
