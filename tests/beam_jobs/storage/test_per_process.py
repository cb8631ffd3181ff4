"""What calls in the threads of one process share: each object serves one call at a time, and no more of them than the limit."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from beam_jobs.storage.per_process import Pool, in_turn, once_per_process


class _Alone:
    """Notices a second user."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def use(self) -> None:
        assert self._lock.acquire(blocking=False), "two calls use one object"
        time.sleep(0.001)
        self._lock.release()


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_an_object_serves_one_call_at_a_time_and_there_are_no_more_than_the_limit(limit: int) -> None:
    made: list[_Alone] = []

    def make() -> _Alone:
        made.append(_Alone())
        return made[-1]

    pool = Pool(make, limit)

    def call(_: int) -> None:
        with pool.lend() as alone:
            alone.use()

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(call, range(200)))
    assert 1 <= len(made) <= limit


def test_one_call_after_the_other_uses_the_same_object() -> None:
    pool = Pool(object, 3)
    with pool.lend() as first:
        pass
    with pool.lend() as second:
        assert second is first


def test_an_object_whose_call_failed_is_not_lent_again_and_its_place_is_free() -> None:
    pool = Pool(object, 1)
    with pytest.raises(ValueError, match="half-way"), pool.lend() as first:
        raise ValueError("half-way")
    with pool.lend() as second:
        assert second is not first


def test_a_failure_to_make_an_object_frees_its_place() -> None:
    made = iter([OSError("no vocabulary"), object()])

    def make() -> object:
        result = next(made)
        if isinstance(result, OSError):
            raise result
        return result

    pool = Pool(make, 1)
    with pytest.raises(OSError, match="no vocabulary"), pool.lend():
        pass
    with pool.lend() as lent:
        assert lent is not None


def test_steps_take_turns_each_for_itself() -> None:
    with in_turn("segment", 1), in_turn("count", 1):
        waiting = threading.Thread(target=lambda: in_turn("segment", 1).__enter__(), daemon=True)
        waiting.start()
        waiting.join(timeout=0.1)
        assert waiting.is_alive()
    waiting.join(timeout=10)
    assert not waiting.is_alive()


def test_threads_that_ask_at_once_get_the_same_value() -> None:
    calls: list[int] = []

    @once_per_process
    def slow(number: int) -> object:
        calls.append(number)
        time.sleep(0.05)
        return object()

    with ThreadPoolExecutor(8) as threads:
        values = set(threads.map(slow, [7] * 8))
    assert len(values) == 1
    assert calls == [7]
