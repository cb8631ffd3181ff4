import numpy as np

from beam_jobs.duplicates.rank_documents import rank_documents


def test_held_out_first_then_longer_then_earlier() -> None:
    splits = np.array([2, 2, 0, 1, 2, 2])
    lengths = np.array([10, 30, 5, 1, 30, 40], np.uint32)
    assert rank_documents(splits, lengths).tolist() == [5, 3, 0, 1, 4, 2]


def test_no_documents() -> None:
    assert rank_documents(np.empty(0, int), np.empty(0, int)).tolist() == []
