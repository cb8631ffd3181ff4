"""Which of two copies stays: held-out splits before training, then the longer, then the earlier."""

import numpy as np


def rank_documents(split_order: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The rank of each document, int64 [documents], a permutation; the document of rank 0 comes first.

    `split_order` (integers [documents]) is smaller for splits that must keep their documents: test 0, dev 1, train 2.
    `lengths` (integers [documents]) is in any unit. Ties are decided by the order of the documents.
    """
    order = np.lexsort((-lengths.astype(np.int64), split_order))  # stable
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks
