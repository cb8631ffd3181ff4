"""The rules of masking, for the jobs and the trainer: which pieces are predicted, and what replaces them.

They follow `create_masked_lm_predictions` of google-research/bert, with the whole-word masking of 2019:

- At most `min(max_predictions, max(1, round(pieces * probability)))` pieces are predicted. `pieces` includes special
  pieces, and `round` is Python's, which rounds halves to even.
- The words are shuffled and taken in that order. A word with more pieces than may still be predicted is skipped. A word
  is a piece without "##" and the "##" pieces that follow it. Truncation can leave a "##" piece at the start of a
  segment; it begins a word too, so that no word contains [SEP] (as in TF Model Garden; google-research/bert joins the
  two sides). [CLS] and [SEP] are never taken. In `wordpiece` masking every piece is a word.
- A predicted piece becomes [MASK] with probability 0.8, stays unchanged with 0.1, and becomes a random piece with 0.1.
  google-research/bert draws this for each piece (`replace_per` "piece"), TF Model Garden for each word ("word"). The
  random piece itself is always drawn for each piece. google-research/bert draws it from the whole vocabulary, special
  and unused pieces included. `draw_special` does the same; without it, special and unused pieces are never drawn.
- `span` masking (SpanBERT, Joshi et al. 2020, section 3.1) takes words in shuffled order as the starts of spans. The
  number of words in a span has a geometric distribution with p = 0.2, cut off at 10 and renormalised (3.8 on average).
  A span ends earlier at [SEP], at a word that is taken already, and before a word that would exceed the number to
  predict. All pieces of a span are replaced in the same way.
- `ngram` masking (ALBERT, Lan et al. 2019, section 3.1) takes words in shuffled order as the starts of n-grams of 1, 2 or
  3 words, with probabilities proportional to 1, 1/2 and 1/3, or of 1 or 2 where a segment has no third word. As in
  google-research/albert, an n-gram that exceeds the number to predict loses its last words, and is skipped if its first
  word alone exceeds it; an n-gram with a word that is taken already is skipped. What replaces a piece is drawn for each
  piece or word. An n-gram ends at [SEP]; google-research/albert continues it in the next segment.

Each choice uses a fixed counter in the random stream of the instance's key (the counters below). So a choice does not
depend on how many were made before it, and the job and the trainer draw the same mask from the same key.

`plain.py` implements the rules in plain Python, and the kernels compile them. A test compares the two piece by piece.
"""

from typing import NamedTuple

import numpy as np

from vocab.vocabulary import Vocabulary

WORD_START, SPECIAL = 1, 2
"""Flags of a vocabulary id: the piece begins a word; the piece is [CLS] or [SEP]."""

MASK, KEPT, RANDOM = 0, 1, 2
"""What became of a predicted piece."""

MASK_BELOW, KEPT_BELOW = int(0.8 * 2**32), int(0.9 * 2**32)
"""Limits for 32 random bits: below the first the piece is masked, below the second it is kept, else it is random."""

SHUFFLE_AT = 0  # + number of words looked at so far: decides which word comes next
REPLACE_AT = (
    1 << 16
)  # + position: high half: mask, keep or random, for the group that starts there; low half: which piece
SPAN_AT = 1 << 17  # + position: decides the number of words of the span or n-gram that starts there
"""Counters in the stream of an instance's key."""

NGRAM_SIXTHS = 6, 9, 11
"""Sums of 1, 1/2 and 1/3 in sixths: of `NGRAM_SIXTHS[n - 1]` equally likely draws, the first 6 give one word, and so on."""

_SPAN_P, _LONGEST_SPAN = 0.2, 10


class MaskRules(NamedTuple):
    """The rules as values, for plain Python and the kernels."""

    cls_id: int
    sep_id: int
    mask_id: int
    every_piece: bool  # every piece is a word of its own
    per_group: bool  # mask, keep or random is drawn once for each word or span, not for each piece
    piece_flags: np.ndarray  # uint8 [vocabulary size], WORD_START | SPECIAL
    budgets: np.ndarray  # int32 [sequence length + 1], most pieces to predict, by the number of pieces
    replacements: np.ndarray  # int32 [n], the ids that a random piece is drawn from
    span_limits: np.ndarray  # uint64 [n]: a span has i + 1 words if 32 random bits lie below limit i; [0]: no spans
    ngrams: bool = False  # n-grams are chosen


def mask_rules(
    vocabulary: Vocabulary,
    *,
    masking: str,
    replace_per: str,
    probability: float,
    sequence_length: int,
    max_predictions: int,
    draw_special: bool = False,
) -> MaskRules:
    """The rules for `masking` "whole_word", "wordpiece", "span" or "ngram", and `replace_per` "piece" or "word"."""
    size = len(vocabulary)
    starts = np.ones(size, bool) if masking == "wordpiece" else vocabulary.word_start
    flags = starts.astype(np.uint8) * np.uint8(WORD_START)
    flags[[vocabulary.cls_id, vocabulary.sep_id]] |= SPECIAL
    drawn = np.ones(size, bool)
    if not draw_special:
        drawn[list(vocabulary.special_ids | vocabulary.unused_ids)] = False
    return MaskRules(
        cls_id=vocabulary.cls_id,
        sep_id=vocabulary.sep_id,
        mask_id=vocabulary.mask_id,
        every_piece=masking == "wordpiece",
        per_group=replace_per == "word" or masking == "span",
        piece_flags=flags,
        budgets=prediction_budgets(probability, sequence_length, max_predictions),
        replacements=np.flatnonzero(drawn).astype(np.int32),
        span_limits=_span_limits() if masking == "span" else np.zeros(0, np.uint64),
        ngrams=masking == "ngram",
    )


def prediction_budgets(probability: float, sequence_length: int, max_predictions: int) -> np.ndarray:
    """The most pieces to predict, by the number of pieces of an instance: int32 [sequence_length + 1]."""
    return np.array(
        [min(max_predictions, max(1, round(pieces * probability))) for pieces in range(sequence_length + 1)], np.int32
    )


def _span_limits() -> np.ndarray:
    weights = (1 - _SPAN_P) ** np.arange(_LONGEST_SPAN)
    return (np.cumsum(weights) / weights.sum() * 2**32).round().astype(np.uint64)
