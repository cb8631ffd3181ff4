import threading
import time

import pytest

from beam_jobs.storage.in_order import in_order


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
