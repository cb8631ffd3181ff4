"""Exact copies: documents of the same folded words."""

import numpy as np


def first_copies(exact: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """For each document the first in rank order that has its exact key, int64 [documents]; itself, if it is the first.

    `exact` (uint64 [documents, 2]) and `ranks` are from `document_keys` and `rank_documents`. Documents without words,
    of key (0, 0), are no copies of each other: nothing is known of them.
    """
    first = np.arange(len(exact))
    order = np.lexsort((ranks, exact[:, 1], exact[:, 0]))
    order = order[exact[order].any(axis=1)]
    if not len(order):
        return first
    sorted_keys = exact[order]
    begins = np.concatenate(([True], (sorted_keys[1:] != sorted_keys[:-1]).any(axis=1)))
    first[order] = order[np.flatnonzero(begins)][np.cumsum(begins) - 1]
    return first
