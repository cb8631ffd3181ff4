import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.examples.buckets import choose_buckets
from trainer.examples.example_batches import NO_ROW, ExampleBatches
from trainer.examples.fields import Fields


def batches_of(lengths, size, seed=0):
    rows = [np.full(length, number + 1, np.int32) for number, length in enumerate(lengths)]
    per_row = {"labels": np.arange(len(lengths), dtype=np.int32), "weights": np.ones(len(lengths), np.float32)}
    fields = Fields({"input_ids": rows, "segment_ids": [row * 0 for row in rows]}, per_row)
    return ExampleBatches(fields, choose_buckets(lengths, 64), size, seed)


LENGTHS = st.lists(st.integers(1, 64), min_size=1, max_size=40)


@given(LENGTHS, st.integers(1, 7), st.integers(0, 3))
def test_every_row_is_in_exactly_one_batch_of_an_epoch(lengths, size, epoch):
    batches = batches_of(lengths, size)
    assert len(batches.order(epoch)) == batches.steps_per_epoch
    assert sorted(row for rows in batches.order(epoch) for row in rows) == list(range(len(lengths)))
    assert sorted(row for batch in batches.once() for row in batch["rows"] if row != NO_ROW) == list(
        range(len(lengths))
    )


@given(LENGTHS, st.integers(1, 7), st.integers(0, 30))
def test_the_batches_from_any_step_on_are_those_of_the_whole(lengths, size, step):
    whole = list(itertools.islice(batches_of(lengths, size).train(0), step, step + 3))
    resumed = list(itertools.islice(batches_of(lengths, size).train(step), 3))
    for one, two in zip(whole, resumed, strict=True):
        assert one.keys() == two.keys()
        assert all(np.array_equal(one[name], two[name]) for name in one)


def test_rows_that_fill_a_batch_weigh_nothing():
    (batch,) = batches_of([3, 5], 4).once()
    assert batch["rows"].tolist() == [0, 1, NO_ROW, NO_ROW]
    assert batch["weights"].tolist() == [1, 1, 0, 0]
    assert batch["input_mask"].sum(axis=1).tolist() == [3, 5, 0, 0]
    assert batch["input_ids"].tolist() == [[1] * 3 + [0] * 5, [2] * 5 + [0] * 3, [0] * 8, [0] * 8]
    assert {name: values.dtype for name, values in batch.items()} == {
        "rows": np.int32, "input_mask": np.int32, "input_ids": np.int32, "segment_ids": np.int32, "labels": np.int32, "weights": np.float32,
    }  # fmt: skip


def test_order_depends_on_seed_and_epoch_and_batches_have_like_lengths():
    lengths = [4] * 500 + [60] * 500
    batches = batches_of(lengths, 10)
    orders = [
        np.concatenate(of.order(epoch)).tolist()
        for of, epoch in ((batches, 0), (batches, 1), (batches_of(lengths, 10, 1), 0))
    ]
    assert all(one != two for one, two in itertools.combinations(orders, 2))
    assert orders[0] == np.concatenate(batches_of(lengths, 10).order(0)).tolist()
    together = [{frozenset(rows.tolist()) for rows in batches.order(epoch)} for epoch in (0, 1)]
    assert not together[0] & together[1]
    mixed = sum(len({lengths[row] for row in rows}) > 1 for rows in batches.order(0))
    assert mixed <= 2  # one in each group of 50 batches
    shapes = [batch["input_ids"].shape[1] for batch in itertools.islice(batches.train(0), 20)]
    assert set(shapes) == {8, 64}


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="no rows"):
        ExampleBatches(Fields({"input_ids": []}), (8,), 4)
