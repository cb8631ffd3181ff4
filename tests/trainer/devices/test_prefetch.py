import threading
import time

import pytest

from beam_jobs.errors import UserError
from trainer.devices.prefetch import DEPTH, Prefetcher
from trainer.devices.stop_signal import StopSignal


def test_batches_come_in_order_and_only_a_few_ahead():
    made = []

    def batches():
        for i in range(100):
            made.append(i)
            yield i

    prefetcher = Prefetcher(batches(), lambda batch: batch * 10)
    assert [prefetcher.next()[0] for _ in range(5)] == [0, 10, 20, 30, 40]
    time.sleep(0.1)
    assert len(made) <= 5 + DEPTH + 1
    prefetcher.close()


def test_waiting_is_measured():
    def slow():
        while True:
            time.sleep(0.05)
            yield 1

    prefetcher = Prefetcher(slow(), lambda batch: batch)
    waited = sum(prefetcher.next()[1] for _ in range(4))
    prefetcher.close()
    assert waited > 0.1


def test_an_error_of_the_data_is_raised_where_the_batch_is_wanted():
    def bad():
        yield 1
        raise UserError("shard 7 is damaged")

    prefetcher = Prefetcher(bad(), lambda batch: batch)
    assert prefetcher.next()[0] == 1
    with pytest.raises(UserError, match="shard 7"):
        prefetcher.next()
    prefetcher.close()


def test_closing_ends_the_thread_and_the_generator():
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield 1
        finally:
            closed.set()

    prefetcher = Prefetcher(endless(), lambda batch: batch)
    prefetcher.next()
    prefetcher.close()
    assert closed.wait(5)
    assert not prefetcher._thread.is_alive()


def test_a_signal_is_noted_and_the_handlers_are_put_back():
    import os
    import signal

    before = signal.getsignal(signal.SIGTERM)
    with StopSignal() as stop:
        stop.watch()
        assert stop.received is None
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.received == signal.SIGTERM
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) == before
