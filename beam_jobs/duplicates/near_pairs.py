"""Pairs of documents that share enough bands. Counting shared bands verifies a pair; no text is read again."""

from typing import NamedTuple

import numpy as np

LEAST_SHARED_BANDS = 5
LINKS_BACK = 3
"""A document is linked to the first of its band and to so many before it, at most four: links grow linearly."""


class Pairs(NamedTuple):
    """Pairs of ranks, sorted by `later`, then by `earlier`."""

    earlier: np.ndarray  # int64 [pairs], the rank of the document that would stay
    later: np.ndarray  # int64 [pairs]
    shared_bands: np.ndarray  # int64 [pairs]


def link_band(keys: np.ndarray, ranks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Links of documents that share a key of one band: the ranks of the earlier and of the later one, int64 [links].

    `keys` is uint64 [documents], 0 for no key; `ranks` int64 [documents]. In its group, in rank order, each document is
    linked to the first and to the LINKS_BACK before it.
    """
    order = np.lexsort((ranks, keys))
    order = order[keys[order] != 0]
    group = keys[order]
    sorted_ranks = ranks[order]
    places = np.arange(len(order))
    begins = np.concatenate(([True], group[1:] != group[:-1])) if len(order) else np.empty(0, bool)
    starts = np.maximum.accumulate(np.where(begins, places, 0))
    earlier, later = [], []
    for back in range(1, LINKS_BACK + 1):
        linked = np.flatnonzero(places - back >= starts)
        earlier.append(sorted_ranks[linked - back])
        later.append(sorted_ranks[linked])
    linked = np.flatnonzero(places - LINKS_BACK > starts)
    earlier.append(sorted_ranks[starts[linked]])
    later.append(sorted_ranks[linked])
    return np.concatenate(earlier), np.concatenate(later)


def near_pairs(bands: np.ndarray, ranks: np.ndarray, least_shared: int = LEAST_SHARED_BANDS) -> Pairs:
    """The pairs that are linked in at least `least_shared` bands of `bands` (uint64 [documents, bands], 0 for no key).

    A pair in a large group may share more bands than it has links, so a pair can be missed but never invented. With 32
    bands of 4 rows and five shared ones, a pair of Jaccard index .5 is found with probability .05, .7 with .91.
    """
    documents = len(ranks)
    codes = []
    for band in range(bands.shape[1]):
        earlier, later = link_band(bands[:, band], ranks)
        codes.append(later * documents + earlier)
    pairs, shared = np.unique(np.concatenate(codes) if codes else np.empty(0, np.int64), return_counts=True)
    enough = shared >= least_shared
    later, earlier = np.divmod(pairs[enough], max(documents, 1))
    return Pairs(earlier, later, shared[enough])
