import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.serving.row_queue import Row, RowQueue, batch_sizes, padded_batch, size_for


def row(pieces, computation="embed"):
    ids = np.arange(1, pieces + 1, dtype=np.int32)
    return Row(computation, {"input_ids": ids, "segment_ids": ids * 0}, lambda outputs: outputs)


def taken(queue):
    """(shape, owners) of every batch, until nothing waits."""
    found = []
    while (batch := queue.take()) is not None:
        found.append((batch[0], [entry.owner for entry in batch[1]]))
    return found


def test_sizes_follow_the_tokens():
    assert batch_sizes(16, 16384) == (1, 4, 16, 64)
    assert batch_sizes(512, 16384) == (1, 4, 16)
    assert batch_sizes(512, 100) == (1,)


@pytest.mark.parametrize(
    ("waiting", "size"),
    [(1, 1), (2, 4), (3, 4), (4, 4), (5, 4), (7, 4), (8, 16), (16, 16), (17, 16), (40, 64), (90, 64)],
)
def test_a_batch_is_at_least_half_full(waiting, size):
    assert size_for(waiting, (1, 4, 16, 64)) == size


@given(st.lists(st.tuples(st.sampled_from(["embed", "task"]), st.integers(1, 32)), max_size=80))
def test_every_row_is_in_one_batch_that_fits_and_the_oldest_goes_first(wanted):
    queue = RowQueue({"embed": (16, 32), "task": (8, 32)}, 256, 100)
    for number, (computation, pieces) in enumerate(wanted):
        assert queue.add([row(pieces, computation)], number)
    assert len(queue) == len(wanted)
    left = set(range(len(wanted)))
    for (computation, length, size), owners in taken(queue):
        assert min(left) in owners
        assert len(owners) <= size
        assert length * size <= 256
        assert (computation, length, size) in queue.shapes()
        for owner in owners:
            lengths = {"embed": (16, 32), "task": (8, 32)}[computation]
            assert wanted[owner][0] == computation
            assert length == next(each for each in lengths if each >= wanted[owner][1])
        assert owners == sorted(owners)
        left -= set(owners)
    assert not left
    assert len(queue) == 0


def test_a_request_waits_as_a_whole_or_not_at_all():
    queue = RowQueue({"embed": (16,)}, 64, 3)
    assert queue.add([row(3)] * 2, "a")
    assert not queue.add([row(3)] * 2, "b")
    assert queue.room == 1
    assert queue.add([row(3)], "c")
    assert taken(queue) == [(("embed", 16, 4), ["a", "a", "c"])]
    assert queue.room == 3


def test_a_request_that_is_discarded_is_not_computed():
    queue = RowQueue({"embed": (16, 32)}, 64, 9)
    queue.add([row(3), row(20)], "a")
    queue.add([row(3)], "b")
    assert queue.discard("a") == 2
    assert queue.discard("a") == 0
    assert len(queue) == 1
    assert taken(queue) == [(("embed", 16, 1), ["b"])]


def test_a_batch_is_padded():
    places = Row("f", {"input_ids": np.array([7, 8], np.int32)}, lambda o: o, {"places": np.array([1, 0], np.int32)})
    batch = padded_batch([places], 2, 3)
    assert {name: values.tolist() for name, values in batch.items()} == {
        "input_ids": [[7, 8, 0], [0, 0, 0]],
        "input_mask": [[1, 1, 0], [1, 0, 0]],
        "places": [[1, 0], [0, 0]],
    }
