"""One instance masked, compiled: its words are chosen and their pieces replaced."""

from typing import NamedTuple

import numba
import numpy as np

from beam_jobs.masking.choice_kernel import choose_spans, choose_words
from beam_jobs.masking.replace_kernel import replace_pieces
from beam_jobs.masking.rules import MaskRules


class Workspace(NamedTuple):
    """Memory that the kernels write one instance after the other to: int32, of one more than the longest has pieces."""

    begins: np.ndarray  # where each word begins, and the end; `words_kernel.py` writes it
    candidates: np.ndarray  # the words that may be masked, as indices into `begins`; shuffled by the choice
    groups: np.ndarray  # by position, 1 + the start of the word or span that is chosen; 0 before and after
    positions: np.ndarray  # the predicted positions, ascending
    originals: np.ndarray  # the pieces that stood there


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
    """Mask `budget` of the `pieces` (int32, `length` of which count) at most, in place, and return how many are predicted.

    `words` is what `find_words` or `read_words` returned after writing to `work.begins` and `work.candidates`; which
    pieces are predicted, and what they were, is found in `work.positions` and `work.originals`. `fates` (int64 [3])
    counts what became of them: MASK, KEPT, RANDOM.
    """
    if len(rules.span_limits) > 0:
        choose_spans(pieces, length, rules, work.begins, work.candidates, words, budget, key, work.groups)
    else:
        choose_words(work.begins, work.candidates, words, budget, key, work.groups)
    return replace_pieces(pieces, length, work.groups, rules, key, work.positions, work.originals, fates)
