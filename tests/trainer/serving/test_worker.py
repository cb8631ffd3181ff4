import threading

import numpy as np
import pytest

from trainer.serving.metrics import Metrics
from trainer.serving.row_queue import Row
from trainer.serving.worker import Computation, Worker, told


def row(value, pieces=3):
    ids = np.full(pieces, value, np.int32)
    return Row("double", {"input_ids": ids, "segment_ids": ids * 0}, lambda outputs: int(outputs["ids"][0]))


class Doubling:
    """A computation whose batches wait until they may go on, and which fails for ids of 13."""

    def __init__(self):
        self.may_go = threading.Event()
        self.may_go.set()
        self.seen = []

    def run(self, batch):
        self.may_go.wait(30)
        self.seen.append(batch["input_ids"][:, 0].tolist())
        if 13 in batch["input_ids"]:
            raise ValueError("a text that must not be logged")
        return {"ids": 2 * batch["input_ids"]}


@pytest.fixture
def doubling():
    return Doubling()


@pytest.fixture
def worker(doubling):
    worker = Worker({"double": Computation(doubling.run, (4, 8), {})}, 64, 10, Metrics())
    worker.start()
    assert worker.ready.wait(30)
    yield worker
    doubling.may_go.set()
    worker.stop()


def test_every_shape_is_run_before_it_is_ready(worker, doubling):
    assert sorted(len(batch) for batch in doubling.seen) == [1, 1, 4, 4, 16]
    assert worker.shapes == 5


def test_rows_come_back_in_their_order(worker):
    job = worker.submit([row(1), row(2, 7), row(3)])
    assert job.done.result(30) == [2, 4, 6]


def test_rows_that_wait_are_computed_together_and_the_queue_is_bounded(worker, doubling):
    doubling.may_go.clear()
    first = worker.submit([row(1)])
    while worker.waiting:
        pass
    jobs = [worker.submit([row(2)]) for _ in range(10)]
    assert worker.room == 0
    assert worker.submit([row(3)]) is None
    doubling.may_go.set()
    assert first.done.result(30) == [2]
    assert [job.done.result(30) for job in jobs] == [[4]] * 10
    assert doubling.seen[-1] == [2] * 10 + [0] * 6


def test_what_is_discarded_is_not_computed(worker, doubling):
    doubling.may_go.clear()
    first = worker.submit([row(1)])
    while worker.waiting:
        pass
    gone = worker.submit([row(5), row(6)])
    worker.discard(gone)
    doubling.may_go.set()
    assert first.done.result(30) == [2]
    assert worker.submit([row(7)]).done.result(30) == [14]
    assert not any(5 in batch or 6 in batch for batch in doubling.seen)


def test_an_error_of_the_model_fails_its_batch_and_the_next_is_computed(worker, caplog):
    failed = worker.submit([row(13), row(2, 7)])
    with pytest.raises(ValueError, match="must not be logged"):
        failed.done.result(30)
    assert worker.submit([row(4)]).done.result(30) == [8]
    assert "must not be logged" not in caplog.text


def test_what_waits_is_computed_before_the_end(worker, doubling):
    doubling.may_go.clear()
    jobs = [worker.submit([row(value)]) for value in range(1, 6)]
    threading.Timer(0.1, doubling.may_go.set).start()
    worker.stop()
    assert [job.done.result(0) for job in jobs] == [[2], [4], [6], [8], [10]]


def test_a_failed_compilation_is_kept():
    def run(batch):
        raise MemoryError("too much")

    worker = Worker({"double": Computation(run, (4,), {})}, 64, 10, Metrics())
    worker.start()
    worker.stop()
    assert isinstance(worker.failure, MemoryError)
    assert not worker.ready.is_set()


def test_an_error_is_told_without_its_message():
    with pytest.raises(KeyError) as error:
        {}["a secret text"]
    assert told(error.value).startswith("KeyError in test_worker.py:")
