"""Which pieces of an instance are predicted, and what stands in their place: the rules, for the jobs and the trainer.

They follow `create_masked_lm_predictions` of google-research/bert, with whole-word masking as its authors added it in 2019:

- `min(max_predictions, max(1, round(pieces * probability)))` pieces are predicted at most, special pieces counted in,
  halves rounded to even as Python does.
- The words are shuffled and taken in that order; a word with more pieces than are left to predict is passed over. A word
  is a piece that does not begin with "##" and the "##" pieces after it; a "##" piece at the start of a segment, left by
  truncation, begins a word too, and a word never reaches across [SEP] (as in TF Model Garden; google-research/bert
  joins the two). [CLS] and [SEP] are never taken. `wordpiece` masking takes every piece for a word.
- A predicted piece becomes [MASK] with probability 0.8, stays what it is with 0.1, and becomes a random piece with 0.1.
  google-research/bert decides for each piece (`replace_per` "piece"), TF Model Garden for each word ("word"); the random
  piece is drawn for each piece in either. google-research/bert draws it from the whole vocabulary, special and unused
  pieces included; `draw_special` says so, and without it those are left out.
- `span` masking (SpanBERT, Joshi et al. 2020, section 3.1) takes words in shuffled order as the starts of spans. A span
  is as many words as a geometric distribution with p = 0.2, cut off and renormalised at 10, says (3.8 on average); it
  ends earlier at a [SEP], at a word that is taken already, and before a word that would exceed the number to predict.
  All its pieces are replaced alike.

Random numbers belong to places, not to an order of drawing: the stream of the instance's key is used at the fixed
counters below, so that a choice does not depend on how many were made before it. From the same key, the job and the
trainer draw the same mask.

`plain.py` is the same in plain Python, and the kernels are the same compiled; a test holds them equal, piece for piece.
"""

from typing import NamedTuple

import numpy as np

from vocab.vocabulary import Vocabulary

WORD_START, SPECIAL = 1, 2
"""Flags of a vocabulary id: its piece begins a word; it is [CLS] or [SEP]."""

MASK, KEPT, RANDOM = 0, 1, 2
"""What became of a predicted piece."""

MASK_BELOW, KEPT_BELOW = int(0.8 * 2**32), int(0.9 * 2**32)
"""Of 32 random bits: below the first the piece is masked, below the second it is kept, else it is random."""

SHUFFLE_AT = 0  # + how many words have been looked at: which word comes next
REPLACE_AT = 1 << 16  # + position: high half, what replaces the piece, word or span that starts there; low, which piece
SPAN_AT = 1 << 17  # + position: how many words the span that starts there has
"""Counters in the stream of an instance's key."""

_SPAN_P, _LONGEST_SPAN = 0.2, 10


class MaskRules(NamedTuple):
    """What decides the masks, as plain Python and the kernels read it."""

    cls_id: int
    sep_id: int
    mask_id: int
    every_piece: bool  # every piece is a word of its own
    per_group: bool  # what replaces a piece is drawn once per word or span
    piece_flags: np.ndarray  # uint8 [vocabulary size], WORD_START | SPECIAL
    budgets: np.ndarray  # int32 [sequence length + 1], pieces to predict at most, by the number of pieces
    replacements: np.ndarray  # int32 [n], ids a random piece is drawn from
    span_limits: np.ndarray  # uint64 [n]: a span has i + 1 words if 32 random bits lie below limit i; [0]: no spans


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
    """The rules for a way of masking: `masking` is "whole_word", "wordpiece" or "span", `replace_per` "piece" or "word"."""
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
    )


def prediction_budgets(probability: float, sequence_length: int, max_predictions: int) -> np.ndarray:
    """How many pieces an instance of so many pieces predicts at most, int32 [sequence_length + 1]; halves to even."""
    return np.array(
        [min(max_predictions, max(1, round(pieces * probability))) for pieces in range(sequence_length + 1)], np.int32
    )


def _span_limits() -> np.ndarray:
    weights = (1 - _SPAN_P) ** np.arange(_LONGEST_SPAN)
    return (np.cumsum(weights) / weights.sum() * 2**32).round().astype(np.uint64)
