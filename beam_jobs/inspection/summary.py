"""What many instances look like together: the distributions that show a broken corpus, counted from the records alone."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Self

import numba
import numpy as np

from beam_jobs.inspection.decode_batch import InstanceBatch, complete
from beam_jobs.records.example_wire import ABSENT, COLUMNS
from vocab.vocabulary import Vocabulary

_IDS, _LABELS, _WORDS = (COLUMNS.index(name) for name in ("input_ids", "next_sentence_labels", "word_starts"))


@dataclass(frozen=True)
class Summary:
    """Counts over instances; `a + b` counts both. Pieces are those of the text, before masking, [CLS] and [SEP] included.

    The arrays, int64, have one entry per possible value and are as long as the largest seen.
    """

    instances: int = 0
    dynamic: int = 0  # instances that are not masked yet
    label_0: int = 0
    label_1: int = 0
    one_segment: int = 0  # instances without a second segment
    pieces: int = 0
    stored: int = 0  # positions stored: pieces and padding
    unknown: int = 0  # [UNK] pieces
    masked: int = 0  # predictions that are hidden by [MASK]
    random: int = 0  # predictions that are hidden by another piece
    kept: int = 0  # predictions that are left as they were
    long_words: int = 0  # words of several pieces with a prediction
    whole_words: int = 0  # of those, words all of whose pieces are predicted
    lengths: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(1, np.int64))  # instances by pieces
    predictions_per_instance: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(1, np.int64))
    predicted_at: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(1, np.int64))  # by position

    @property
    def predictions(self) -> int:
        """Predictions of all kinds."""
        return self.masked + self.random + self.kept

    @property
    def padding(self) -> int:
        """Positions stored that hold no piece."""
        return self.stored - self.pieces

    def __add__(self, other: Self) -> Self:
        """The counts of both."""
        names = [field.name for field in dataclasses.fields(self)]
        total: dict[str, Any] = {name: _add(getattr(self, name), getattr(other, name)) for name in names}
        return type(self)(**total)


def summarise(batch: InstanceBatch, vocabulary: Vocabulary, chosen: np.ndarray) -> Summary:
    """The counts over the rows of the batch that `chosen` (bool [n]) names; these must obey the rules of `invariants`."""
    batch = complete(batch)
    lengths = np.zeros(batch.input_ids.shape[1] + 1, np.int64)
    per_instance = np.zeros(batch.masked_lm_positions.shape[1] + 1, np.int64)
    predicted_at = np.zeros(batch.input_ids.shape[1], np.int64)
    totals = _count(
        batch.input_ids,
        batch.input_mask,
        batch.segment_ids,
        batch.masked_lm_positions,
        batch.masked_lm_ids,
        batch.masked_lm_weights,
        batch.next_sentence_labels[:, 0],
        batch.counts,
        chosen,
        vocabulary.word_start,
        (vocabulary.cls_id, vocabulary.sep_id, vocabulary.mask_id, vocabulary.unk_id),
        lengths,
        per_instance,
        predicted_at,
    )
    names = [field.name for field in dataclasses.fields(Summary) if field.type in (int, "int")]
    counts: dict[str, Any] = dict(zip(names, map(int, totals), strict=True))
    counted = Summary(**counts)
    return dataclasses.replace(
        counted, lengths=lengths, predictions_per_instance=per_instance, predicted_at=predicted_at
    )


def _add(a: int | np.ndarray, b: int | np.ndarray) -> int | np.ndarray:
    if isinstance(a, int) or isinstance(b, int):
        return a + b
    total = np.zeros(max(len(a), len(b)), np.int64)
    total[: len(a)] += a
    total[: len(b)] += b
    return total


@numba.njit(cache=True, nogil=True)
def _count(
    ids,
    mask,
    segments,
    positions,
    masked,
    weights,
    labels,
    counts,
    chosen,
    word_start,
    special,
    lengths,
    per,
    predicted_at,
):
    cls, sep, mask_id, unk = special
    instances, dynamic, label_0, label_1, one_segment = 0, 0, 0, 0, 0
    pieces, stored, unknown, by_mask, by_random, kept, long_words, whole_words = 0, 0, 0, 0, 0, 0, 0, 0
    text = np.empty(ids.shape[1], np.int64)
    hidden = np.zeros(ids.shape[1], np.bool_)
    for row in range(len(ids)):
        if not chosen[row]:
            continue
        size = 0
        while size < counts[row, _IDS] and mask[row, size] == 1:
            text[size] = ids[row, size]
            hidden[size] = False
            size += 1
        predictions = 0
        while predictions < positions.shape[1] and weights[row, predictions] == 1:
            at = positions[row, predictions]
            text[at] = masked[row, predictions]
            hidden[at] = True
            predicted_at[at] += 1
            if ids[row, at] == mask_id:
                by_mask += 1
            elif ids[row, at] == text[at]:
                kept += 1
            else:
                by_random += 1
            predictions += 1
        instances += 1
        dynamic += counts[row, _WORDS] != ABSENT
        if counts[row, _LABELS] != ABSENT:
            label_1 += labels[row] == 1
            label_0 += labels[row] == 0
        one_segment += segments[row, size - 1] == 0
        pieces += size
        stored += counts[row, _IDS]
        lengths[size] += 1
        per[predictions] += 1
        start = 0
        while start < size:  # a word: a piece and the continuations behind it
            end, inside = start + 1, np.int64(hidden[start])
            unknown += text[start] == unk
            while end < size and not word_start[text[end]] and text[start] != cls and text[start] != sep:
                inside += hidden[end]
                end += 1
            if inside > 0 and end - start > 1:
                long_words += 1
                whole_words += inside == end - start
            start = end
    return (
        instances,
        dynamic,
        label_0,
        label_1,
        one_segment,
        pieces,
        stored,
        unknown,
        by_mask,
        by_random,
        kept,
        long_words,
        whole_words,
    )
