"""Which documents share an n-gram with an evaluation text."""

from typing import NamedTuple

import numpy as np

from beam_jobs.duplicates.folded_characters import folded_characters
from beam_jobs.held_out.ngram_kernel import NOTHING, begin_passages, find_ngrams
from beam_jobs.held_out.ngram_table import NgramTable


class Contaminated(NamedTuple):
    """The documents that hold text of an evaluation file, in order."""

    documents: np.ndarray  # int64 [contaminated]
    files: np.ndarray  # int64 [contaminated], the file of the first n-gram found, by its place in the table's `files`
    shared: np.ndarray  # int64 [contaminated], n-grams found; at most 1 is counted if one is enough
    ngrams: np.ndarray  # int64 [contaminated], n-grams of the document
    passages: np.ndarray  # int64 [contaminated, 2], where in the data the first n-gram found begins and ends


def find_held_out(table: NgramTable, data: np.ndarray, ends: np.ndarray, least_share: float = 0.0) -> Contaminated:
    """The documents of which at least `least_share` of the n-grams, and at least one, are in the table.

    `data` and `ends` are the documents in Unicode form NFC, as for `key_documents`. One n-gram of 13 words is enough by
    default, as in GPT-3 (Brown et al., "Language Models are Few-Shot Learners", 2020, appendix C): so many equal words in
    a row are no chance. A higher share keeps long documents that quote a sentence.
    """
    documents = len(ends)
    first, shared, ngrams = (np.empty(documents, np.int64) for _ in range(3))
    hits = np.empty((documents, 2), np.int64)
    find_ngrams(
        data,
        ends,
        folded_characters(),
        table.lengths,
        table.ngrams,
        table.begins,
        table.bitmap,
        table.shift,
        least_share > 0,
        first,
        shared,
        ngrams,
        hits,
    )
    found = np.flatnonzero((first != NOTHING) & (shared >= least_share * ngrams))
    begins = np.empty(len(found), np.int64)
    begin_passages(data, ends, folded_characters(), found, hits[found], begins)
    passages = np.stack((begins, hits[found, 0]), axis=1)
    return Contaminated(found, table.owners[first[found]].astype(np.int64), shared[found], ngrams[found], passages)
