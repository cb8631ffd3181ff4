import numpy as np

from trainer.model.attention.block_bounds import block_bounds


def bounds(ids, other, block=2):
    return [np.asarray(x).tolist() for x in block_bounds(np.array(ids, np.int32), np.array(other, np.int32), block)]


def test_documents_that_follow_each_other_need_their_own_blocks():
    ids = [[1, 1, 1, 2, 2, 2, 3, 0]]
    assert bounds(ids, ids) == [[[0, 0, 1, 3]], [[2, 3, 3, 4]]]


def test_padding_needs_nothing_and_is_needed_by_nothing():
    assert bounds([[1, 1, 1, 1]], [[1, 1, 0, 0]]) == [[[0, 0]], [[1, 1]]]
    assert bounds([[1, 1, -1, -1]], [[1, 1, 1, 1]]) == [[[0, 0]], [[2, 0]]]


def test_ids_in_any_order_never_leave_a_needed_block_out():
    draws = np.random.default_rng(3)
    ids, other = draws.integers(-1, 5, (2, 50, 12)).astype(np.int32)
    first, last = (np.asarray(x) for x in block_bounds(ids, other, 3))
    same = (ids[:, :, None] == other[:, None, :]) & (ids > 0)[:, :, None]
    needed = same.reshape(50, 4, 3, 4, 3).any(axis=(2, 4))
    blocks = np.arange(4)
    assert (~needed | ((blocks >= first[:, :, None]) & (blocks < last[:, :, None]))).all()
