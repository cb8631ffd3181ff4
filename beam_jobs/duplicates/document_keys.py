"""The keys by which documents are compared: an exact key of 128 bits, and a MinHash signature of 128 lanes."""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from beam_jobs.duplicates.folded_characters import folded_characters
from beam_jobs.duplicates.keys_kernel import MOST_SHINGLE_WORDS, key_documents
from beam_jobs.records.counter_random import draw, path_key
from vocab.unicode_forms import to_nfc

LANES = 128
SHINGLE_WORDS = 3
_STREAM = 0x4D696E48617368  # "MinHash": the lanes are the same in every process and version


class DocumentKeys(NamedTuple):
    """The keys of some documents."""

    words: np.ndarray  # int64 [documents], 0 for a document that has no letter and no digit
    exact: np.ndarray  # uint64 [documents, 2], equal if the folded words are; zeros without words
    signatures: np.ndarray  # uint32 [documents, LANES], or [0, LANES] if not asked for


@functools.cache
def lane_permutations() -> tuple[np.ndarray, np.ndarray]:
    """The multipliers, odd, and the increments of the lanes, both uint32 [LANES]."""
    key = np.uint64(path_key(_STREAM))
    draws = np.array([draw(key, counter) for counter in range(2 * LANES)], np.uint64)
    numbers = (draws >> np.uint64(32)).astype(np.uint32)
    return numbers[:LANES] | np.uint32(1), numbers[LANES:]


def document_keys(texts: Sequence[str], *, shingle_words: int = SHINGLE_WORDS, signatures: bool = True) -> DocumentKeys:
    """The keys of `texts`, read in Unicode form NFC, lower-cased, letters, digits and marks only.

    In scripts without spaces each character is a word. The estimate of a Jaccard index J from signatures, the share of
    equal lanes, has a standard deviation of sqrt(J * (1 - J) / LANES). Raises ValueError unless `shingle_words` is from
    1 to 16.
    """
    # a lone surrogate has no UTF-8: as invalid bytes it separates words
    encoded = [to_nfc(text).encode("utf-8", "surrogatepass") for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    return keys_of_utf8(data, ends, shingle_words=shingle_words, signatures=signatures)


def keys_of_utf8(
    data: np.ndarray, ends: np.ndarray, *, shingle_words: int = SHINGLE_WORDS, signatures: bool = True
) -> DocumentKeys:
    """As `document_keys`, of texts in Unicode form NFC: `data` (uint8) is their UTF-8, `ends` (int64 [documents]) its ends."""
    if not 1 <= shingle_words <= MOST_SHINGLE_WORDS:
        raise ValueError(f"shingle_words is {shingle_words}, not from 1 to {MOST_SHINGLE_WORDS}")
    keys = DocumentKeys(
        np.empty(len(ends), np.int64),
        np.empty((len(ends), 2), np.uint64),
        np.empty((len(ends) if signatures else 0, LANES), np.uint32),
    )
    key_documents(data, ends, folded_characters(), shingle_words, *lane_permutations(), *keys)
    return keys
