"""Which documents are removed: only those that resemble a document that is kept.

Connected components are not used. They join documents that resemble nothing but a neighbour of a neighbour: a chain of
2,000 edits would become one group and lose all but one of its documents.
"""

from typing import NamedTuple

import numba
import numpy as np

from beam_jobs.duplicates.near_pairs import Pairs


class Removed(NamedTuple):
    """The removed documents, in the order of the documents."""

    documents: np.ndarray  # int64 [removed]
    kept: np.ndarray  # int64 [removed], the document that is kept in place of each
    shared_bands: np.ndarray  # int64 [removed]; 0 for an exact copy of the kept document


def choose_kept(ranks: np.ndarray, first_copy: np.ndarray, pairs: Pairs) -> Removed:
    """Walk the documents in rank order; remove one that has a pair with a kept document, the most alike, or is a copy.

    `ranks` and `first_copy` (int64 [documents]) are from `rank_documents` and `first_copies`; the `pairs` are of first
    copies. A copy goes where its first goes: it names the same kept document. Among kept documents that share equally
    many bands, the first in rank order is named.
    """
    order = np.empty_like(ranks)
    order[ranks] = np.arange(len(ranks))
    kept, shared = _walk(ranks[first_copy[order]], *pairs)
    kept_documents = order[kept[ranks]]
    documents = np.flatnonzero(kept_documents != np.arange(len(ranks)))
    return Removed(documents, kept_documents[documents], shared[ranks[documents]])


@numba.njit(cache=True, nogil=True)
def _walk(first_copy, earlier, later, shared_bands):
    """By rank: the kept document of each, itself if it stays, and the bands that they share."""
    kept = np.arange(first_copy.size)
    shared = np.zeros(first_copy.size, np.int64)
    pair = 0
    for document in range(first_copy.size):
        first = first_copy[document]
        kept[document] = kept[first]
        shared[document] = shared[first]
        while pair < later.size and later[pair] == document:
            other = earlier[pair]
            if first == document and kept[other] == other and shared_bands[pair] > shared[document]:
                kept[document] = other
                shared[document] = shared_bands[pair]
            pair += 1
    return kept, shared
