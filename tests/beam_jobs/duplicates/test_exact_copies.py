import numpy as np

from beam_jobs.duplicates.exact_copies import first_copies


def test_the_first_in_rank_order_and_no_copies_without_words() -> None:
    exact = np.array([[1, 2], [0, 0], [1, 2], [1, 3], [0, 0], [1, 2], [0, 2]], np.uint64)
    ranks = np.array([4, 0, 2, 1, 3, 5, 6])
    assert first_copies(exact, ranks).tolist() == [2, 1, 2, 3, 4, 2, 6]


def test_no_documents_and_only_such_without_words() -> None:
    assert first_copies(np.empty((0, 2), np.uint64), np.empty(0, np.int64)).tolist() == []
    assert first_copies(np.zeros((2, 2), np.uint64), np.arange(2)).tolist() == [0, 1]
