import itertools

from hypothesis import given
from hypothesis import strategies as st

from trainer.data.position import SHARDS_AT_ONCE, Order

counts_of_shards = st.lists(st.integers(0, 40), min_size=1, max_size=20).filter(sum)


def rows(order, position, count):
    """(epoch, shard, row of the shard) of `count` rows from a position on."""

    def all_rows():
        for block, first in order.blocks(position):
            there = [(block.epoch, s.shard, row) for s in block.stretches for row in range(s.first, s.last)]
            assert len(there) == block.rows
            yield from (there[i] for i in block.order[first:])

    return list(itertools.islice(all_rows(), count))


@given(counts=counts_of_shards, seed=st.integers(0, 2**31 - 1), block_rows=st.integers(1, 50))
def test_every_row_comes_once_an_epoch(counts, seed, block_rows):
    order = Order(tuple(counts), seed, block_rows)
    everything = sorted((shard, row) for shard, count in enumerate(counts) for row in range(count))
    two = rows(order, 0, 2 * order.total)
    for epoch, part in enumerate((two[: order.total], two[order.total :])):
        assert sorted(row[1:] for row in part) == everything
        assert {row[0] for row in part} == {epoch}


@given(counts=counts_of_shards, seed=st.integers(0, 99), block_rows=st.integers(1, 50), at=st.integers(0, 2000))
def test_a_position_is_enough_to_go_on(counts, seed, block_rows, at):
    order = Order(tuple(counts), seed, block_rows)
    whole = rows(order, 0, at + 30)
    assert rows(order, at, 30) == whole[at:]


@given(counts=counts_of_shards, block_rows=st.integers(1, 50))
def test_shards_are_read_forwards_and_few_at_once(counts, block_rows):
    order = Order(tuple(counts), 1, block_rows)
    reached = dict.fromkeys(range(len(counts)), 0)
    for block, _ in order.blocks(0):
        if block.epoch:
            break
        assert len(block.stretches) <= SHARDS_AT_ONCE
        assert block.rows <= block_rows + SHARDS_AT_ONCE
        for stretch in block.stretches:
            assert stretch.first == reached[stretch.shard]
            reached[stretch.shard] = stretch.last


def test_a_block_mixes_the_shards_and_epochs_differ():
    order = Order((100, 100, 100), 1, 60)
    first, second = (rows(order, epoch * 300, 300) for epoch in (0, 1))
    assert {shard for _, shard, _ in first[:30]} == {0, 1, 2}
    assert [row[1:] for row in first] != [row[1:] for row in second]
    assert rows(Order((100, 100, 100), 2, 60), 0, 300) != first


def test_a_position_far_away_is_found_without_walking_there():
    order = Order((10**9,) * 1000, 7, 1 << 15)
    (block, first), *_ = itertools.islice(order.blocks(3 * 10**12 + 123_456_789_000), 1)
    assert block.epoch == 3
    assert 0 <= first < block.rows


def test_every_block_has_a_permutation_of_its_own():
    blocks = [block for block, _ in itertools.islice(Order((400,), 1, 100).blocks(0), 8)]
    orders = [tuple(block.order) for block in blocks]
    assert [block.rows for block in blocks] == [100] * 8
    assert len(set(orders)) == 8
    assert len({tuple(block.order) for block, _ in itertools.islice(Order((100,) * 80, 1, 800).blocks(0), 10)}) == 10


def test_other_shards_meet_in_every_epoch():
    groups = [
        {
            frozenset(s.shard for s in block.stretches)
            for block, _ in itertools.islice(Order((10,) * 80, 1, 80).blocks(at), 10)
        }
        for at in (0, 800)
    ]
    assert len(groups[0]) == len(groups[1]) == 10
    assert not groups[0] & groups[1]
