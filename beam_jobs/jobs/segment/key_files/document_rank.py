"""The rank of a document as one number: split, length, place in the corpus. Of two copies, that of the smaller stays."""

import numpy as np

SPLITS_BY_RANK = ("test", "dev", "train", "default")
"""Held-out splits keep their documents. A split of a document is kept as its place here."""

_LENGTH_BITS = 29
_LONGEST = (1 << _LENGTH_BITS) - 1
_DOCUMENT = (1 << 32) - 1


def pack_rank(split: str, length: int) -> int:
    """Split and length, 31 bits: a longer document of a split has a smaller number."""
    return (SPLITS_BY_RANK.index(split) << _LENGTH_BITS) | (_LONGEST - min(length, _LONGEST))


def whole_ranks(ranks: np.ndarray, documents: np.ndarray) -> np.ndarray:
    """`pack_rank` of each of the documents and its place in the corpus, int64 [documents], all different."""
    return (ranks.astype(np.int64) << 32) | documents.astype(np.int64)


def documents_of(ranks: np.ndarray) -> np.ndarray:
    """The places in the corpus of documents with these whole ranks, int64."""
    return ranks & _DOCUMENT


def lengths_of(ranks: np.ndarray) -> np.ndarray:
    """The lengths in documents of these whole ranks, int64."""
    return _LONGEST - ((ranks >> 32) & _LONGEST)
