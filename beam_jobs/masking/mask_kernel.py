"""Masks one instance, compiled: chooses the words and replaces their pieces."""

from typing import NamedTuple

import numba
import numpy as np

from beam_jobs.masking.choice_kernel import choose_ngrams, choose_spans, choose_words
from beam_jobs.masking.replace_kernel import replace_pieces
from beam_jobs.masking.rules import MaskRules


class Workspace(NamedTuple):
    """Memory that the kernels reuse for each instance: int32 arrays, one element longer than the longest instance."""

    begins: np.ndarray  # the position where each word begins, then the end; written by `words_kernel.py`
    candidates: np.ndarray  # the words that may be masked, as indices into `begins`; the choice shuffles them
    groups: np.ndarray  # for each position 1 + the start of the chosen word or span; all 0 between calls
    positions: np.ndarray  # the predicted positions, ascending
    originals: np.ndarray  # the original pieces at these positions


@numba.njit(cache=True)
def workspace(length: int) -> Workspace:
    """Memory for instances of `length` pieces at most."""
    size = length + 1
    return Workspace(
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
    )


@numba.njit(cache=True, nogil=True)
def mask_pieces(
    pieces: np.ndarray,
    length: int,
    words: int,
    budget: int,
    rules: MaskRules,
    key: np.uint64,
    work: Workspace,
    fates: np.ndarray,
) -> int:
    """Mask at most `budget` of the first `length` `pieces` (int32), in place, and return how many are predicted.

    `words` is the result of `find_words` or `read_words`, which have written `work.begins` and `work.candidates`. The
    predicted positions and the original pieces are then in `work.positions` and `work.originals`. `fates` (int64 [3])
    counts what became of the pieces: MASK, KEPT, RANDOM.
    """
    if len(rules.span_limits) > 0:
        choose_spans(pieces, length, rules, work.begins, work.candidates, words, budget, key, work.groups)
    elif rules.ngrams:
        choose_ngrams(pieces, length, rules, work.begins, work.candidates, words, budget, key, work.groups)
    else:
        choose_words(work.begins, work.candidates, words, budget, key, work.groups)
    return replace_pieces(
        pieces,
        length,
        work.groups,
        mask_id=rules.mask_id,
        per_group=rules.per_group,
        replacements=rules.replacements,
        key=key,
        positions=work.positions,
        originals=work.originals,
        fates=fates,
    )
