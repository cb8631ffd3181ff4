import threading
import time

import pytest

from beam_jobs.storage.in_order import both, in_order


def test_calls_overlap_results_keep_their_order_and_no_more_than_the_limit_is_held():
    together = threading.Barrier(4)

    def work(item):
        together.wait(timeout=20)  # passes only if four calls run at the same time
        time.sleep(0.002 * (item % 3))
        return item

    assert list(in_order(work, range(12), 4)) == list(range(12))
    done: list[int] = []
    for taken, _ in enumerate(in_order(done.append, range(50), 4), 1):
        assert len(done) <= taken + 4


def test_an_error_comes_where_its_result_would_come():
    results = in_order(lambda item: 6 // item, [3, 2, 0, 1], 2)
    assert [next(results), next(results)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_both_calls_are_under_way_at_the_same_time():
    meeting = threading.Barrier(2, timeout=60)
    assert both(lambda: meeting.wait() >= 0, lambda: meeting.wait() >= 0) == (True, True)


def test_the_error_of_the_first_call_comes_first():
    def fail(error):
        raise error

    with pytest.raises(KeyError):
        both(lambda: fail(KeyError()), lambda: fail(ValueError()))
    with pytest.raises(ValueError, match="second"):
        both(lambda: 1, lambda: fail(ValueError("second")))
