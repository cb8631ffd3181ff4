"""Which pieces of an instance are predicted, and what stands in their place. Plain Python, to be read.

`masking_kernel.py`, with `beam_jobs.masking.choice_kernel`, is the same compiled; a test holds the two equal, piece for
piece. It follows `create_masked_lm_predictions` of google-research/bert, with whole-word masking as its authors added it
in 2019:

- `min(max_predictions_per_seq, max(1, round(pieces * masked_lm_prob)))` pieces are predicted at most, special pieces
  counted in, halves rounded to even as Python does.
- The words are shuffled and taken in that order; a word with more pieces than are left to predict is passed over. A word
  is a piece that does not begin with "##" and the "##" pieces after it; a "##" piece at the start of a segment, left by
  truncation, begins a word too, and a word never reaches across [SEP] (as in TF Model Garden; google-research/bert
  joins the two). [CLS] and [SEP] are never taken. `wordpiece` masking takes every piece for a word.
- A predicted piece becomes [MASK] with probability 0.8, stays what it is with 0.1, and becomes a random piece with 0.1.
  google-research/bert decides for each piece (`--replace_per=piece`), TF Model Garden for each word (`word`); the random
  piece is drawn for each piece in either. `--compatibility=bert` draws it from the whole vocabulary, special and unused
  pieces included; `fixed` leaves those out.
- `span` masking (SpanBERT, Joshi et al. 2020, section 3.1) takes words in shuffled order as the starts of spans. A span
  is as many words as a geometric distribution with p = 0.2, cut off and renormalised at 10, says (3.8 on average); it
  ends earlier at a [SEP], at a word that is taken already, and before a word that would exceed the number to predict.
  All its pieces are replaced alike.

Random numbers belong to places, not to an order of drawing: the stream of the instance's key is used at the fixed
counters below, so that a choice does not depend on how many were made before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beam_jobs.masking.choice_kernel import KEPT_BELOW, MASK_BELOW, REPLACE_AT, SHUFFLE_AT, SPAN_AT
from beam_jobs.records.counter_random import draw, draw_below
from beam_jobs.settings import InstanceSettings
from vocab.vocabulary import Vocabulary

WORD_START, SPECIAL = 1, 2
"""Flags of a vocabulary id: its piece begins a word; it is [CLS] or [SEP]."""

MASK, KEPT, RANDOM = 0, 1, 2

_SPAN_P, _LONGEST_SPAN = 0.2, 10


@dataclass(frozen=True)
class MaskRules:
    """What of the settings and the vocabulary decides the masks, as the arrays that the kernel reads."""

    piece_flags: np.ndarray  # uint8 [vocabulary size], WORD_START | SPECIAL
    budgets: np.ndarray  # int32 [max_seq_length + 1], pieces to predict at most, by the number of pieces
    replacements: np.ndarray  # int32 [n], ids a random piece is drawn from
    span_limits: (
        np.ndarray
    )  # uint64 [n], of 32 random bits: a span of i + 1 words is drawn below limit i; [0]: no spans
    mask_id: int
    per_group: bool  # what replaces a piece is drawn once per word or span

    @property
    def spans(self) -> bool:
        """Whether spans of words are masked, not single words."""
        return len(self.span_limits) > 0


def mask_rules(settings: InstanceSettings, vocabulary: Vocabulary) -> MaskRules:
    """The rules for these settings."""
    size = len(vocabulary)
    starts = np.ones(size, bool) if settings.masking == "wordpiece" else vocabulary.word_start
    flags = starts.astype(np.uint8) * np.uint8(WORD_START)
    flags[[vocabulary.cls_id, vocabulary.sep_id]] |= SPECIAL
    allowed = np.ones(size, bool)
    if settings.compatibility == "fixed":
        allowed[list(vocabulary.special_ids | vocabulary.unused_ids)] = False
    weights = (1 - _SPAN_P) ** np.arange(_LONGEST_SPAN)
    return MaskRules(
        piece_flags=flags,
        budgets=np.array(
            [
                min(settings.max_predictions_per_seq, max(1, round(pieces * settings.masked_lm_prob)))
                for pieces in range(settings.max_seq_length + 1)
            ],
            np.int32,
        ),
        replacements=np.flatnonzero(allowed).astype(np.int32),
        span_limits=(np.cumsum(weights) / weights.sum() * 2**32).round().astype(np.uint64)
        if settings.masking == "span"
        else np.zeros(0, np.uint64),
        mask_id=vocabulary.mask_id,
        per_group=settings.replace_per == "word" or settings.masking == "span",
    )


def mask_plainly(pieces: Sequence[int], key: int, rules: MaskRules) -> tuple[list[int], list[int], list[int]]:
    """The masked pieces, the predicted positions in ascending order, and for each what became of it (MASK, ...)."""
    groups = _choose(_words(pieces, rules), rules, int(rules.budgets[len(pieces)]), key)
    masked = list(pieces)
    fates = {}
    for group in groups:
        for position in group:
            fate_bits = int(draw(np.uint64(key), REPLACE_AT + (group[0] if rules.per_group else position))) >> 32
            piece_bits = int(draw(np.uint64(key), REPLACE_AT + position)) & 0xFFFFFFFF
            if fate_bits < MASK_BELOW:
                fates[position], masked[position] = MASK, rules.mask_id
            elif fate_bits < KEPT_BELOW:
                fates[position] = KEPT
            else:
                replacement = rules.replacements[piece_bits * len(rules.replacements) >> 32]
                fates[position], masked[position] = RANDOM, int(replacement)
    positions = sorted(fates)
    return masked, positions, [fates[position] for position in positions]


def _words(pieces: Sequence[int], rules: MaskRules) -> list[list[int]]:
    """The positions of each word; [CLS] and [SEP] are empty words, so that neighbours in the list are neighbours."""
    words: list[list[int]] = []
    for position, piece in enumerate(pieces):
        if rules.piece_flags[piece] & SPECIAL:
            words.append([])
        elif rules.piece_flags[piece] & WORD_START or not words[-1]:
            words.append([position])
        else:
            words[-1].append(position)
    return words


def _choose(words: list[list[int]], rules: MaskRules, budget: int, key: int) -> list[list[int]]:
    """Groups of positions, words or spans, that are replaced: `budget` positions at most."""
    order = [index for index, word in enumerate(words) if word]
    taken: set[int] = set()
    groups = []
    left = budget
    for looked_at in range(len(order)):
        other = looked_at + int(draw_below(np.uint64(key), SHUFFLE_AT + looked_at, len(order) - looked_at))
        order[looked_at], order[other] = order[other], order[looked_at]
        index = order[looked_at]
        group: list[int] = []
        for _ in range(_span_length(words[index][0], key, rules)):
            if index in taken or index == len(words) or not words[index] or len(group) + len(words[index]) > left:
                break
            group += words[index]
            taken.add(index)
            index += 1
        if group:
            groups.append(group)
            left -= len(group)
        if left == 0:
            break
    return groups


def _span_length(position: int, key: int, rules: MaskRules) -> int:
    if not rules.spans:
        return 1
    bits = int(draw(np.uint64(key), SPAN_AT + position)) >> 32
    return 1 + sum(bits >= limit for limit in rules.span_limits.tolist())
