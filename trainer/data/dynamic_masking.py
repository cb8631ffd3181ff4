"""Masks drawn on the fly, as a function of (seed, epoch, instance): another mask each epoch, the same after a restart.

The masks are those of the instances job (`beam_jobs.masking.rules` describes them): whole words, single pieces or spans
(SpanBERT) in shuffled order until min(max_predictions, round(pieces * probability)) pieces are predicted, at least one;
80 % become [MASK], 10 % stay, 10 % become a random piece that is never special or unused. From the same key, the two
draw the same mask; a test holds them equal.
"""

from dataclasses import dataclass

import numpy as np

from trainer.plans.settings import Masking
from vocab.vocabulary import Vocabulary

_SPAN_P, _LONGEST_SPAN = 0.2, 10


@dataclass(frozen=True)
class MaskRules:
    """What decides a mask, as the kernel reads it."""

    cls_id: int
    sep_id: int
    mask_id: int
    every_piece: bool  # every piece is a word of its own
    per_group: bool  # what replaces a piece is drawn once per word or span
    span_limits: (
        np.ndarray
    )  # uint64 [n], of 32 random bits: a span of i + 1 words is drawn below limit i; [0]: no spans
    replacements: np.ndarray  # int32 [n], ids a random piece is drawn from
    budgets: np.ndarray  # int32 [sequence_length + 1], pieces to predict, by the number of pieces


def mask_rules(masking: Masking, vocabulary: Vocabulary, sequence_length: int, max_predictions: int) -> MaskRules:
    """The rules for a phase's masking."""
    weights = (1 - _SPAN_P) ** np.arange(_LONGEST_SPAN)
    limits = (np.cumsum(weights) / weights.sum() * 2**32).round().astype(np.uint64)
    excluded = vocabulary.special_ids | vocabulary.unused_ids
    return MaskRules(
        cls_id=vocabulary.cls_id,
        sep_id=vocabulary.sep_id,
        mask_id=vocabulary.mask_id,
        every_piece=masking.kind == "wordpiece",
        per_group=masking.replace_per == "word" or masking.kind == "span",
        span_limits=limits if masking.kind == "span" else limits[:0],
        replacements=np.array([i for i in range(len(vocabulary)) if i not in excluded], np.int32),
        budgets=prediction_budgets(masking.probability, sequence_length, max_predictions),
    )


def prediction_budgets(probability: float, sequence_length: int, max_predictions: int) -> np.ndarray:
    """How many pieces an instance of so many pieces predicts at most, int32 [sequence_length + 1]; halves to even."""
    return np.array(
        [min(max_predictions, max(1, round(pieces * probability))) for pieces in range(sequence_length + 1)], np.int32
    )
