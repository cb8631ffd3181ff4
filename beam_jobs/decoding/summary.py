"""Counts the distributions of many instances from the records alone. They reveal a broken corpus."""

import dataclasses
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numba
import numpy as np

from beam_jobs.decoding.decode_batch import InstanceBatch, complete
from beam_jobs.decoding.special_pieces import pieces_of
from beam_jobs.records.example_wire import ABSENT, INPUT_IDS, LABELS, STARTS
from vocab.vocabulary import Vocabulary


@dataclass(frozen=True)
class Summary:
    """Counts over instances. `a + b` counts both. Pieces are those before masking, with [CLS] and [SEP].

    The arrays, int64, have one entry for each possible value, up to the largest that occurs.
    """

    instances: int = 0
    dynamic: int = 0  # instances that are not masked yet
    one_segment: int = 0  # instances without a second segment
    pieces: int = 0
    stored: int = 0  # stored positions: pieces and padding
    unknown: int = 0  # [UNK] pieces
    masked: int = 0  # predictions that are hidden by [MASK]
    random: int = 0  # predictions that are hidden by another piece
    kept: int = 0  # predictions that are kept unchanged
    long_words: int = 0  # words of several pieces with a prediction
    whole_words: int = 0  # of those, words all of whose pieces are predicted
    labels: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(2, np.int64))  # instances by label
    lengths: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(1, np.int64))  # instances by pieces
    predictions_per_instance: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(1, np.int64))
    predicted_at: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(1, np.int64))  # by position

    @property
    def predictions(self) -> int:
        """Predictions of all kinds."""
        return self.masked + self.random + self.kept

    @property
    def padding(self) -> int:
        """Stored positions without a piece."""
        return self.stored - self.pieces

    def __add__(self, other: Self) -> Self:
        """The counts of both."""
        names = [field.name for field in dataclasses.fields(self)]
        total: dict[str, Any] = {name: _add(getattr(self, name), getattr(other, name)) for name in names}
        return type(self)(**total)


def summarise(batch: InstanceBatch, vocabulary: Vocabulary, chosen: np.ndarray) -> Summary:
    """The counts over the `chosen` (bool [n]) rows of the batch, which must obey the rules of `invariants`."""
    columns = complete(batch).columns
    labelled = chosen & (columns.counts[:, LABELS] != ABSENT)
    labels = np.bincount(columns.next_sentence_labels[labelled, 0], minlength=2).astype(np.int64)
    histograms = Histograms(
        lengths=np.zeros(columns.input_ids.shape[1] + 1, np.int64),
        predictions_per_instance=np.zeros(columns.masked_lm_positions.shape[1] + 1, np.int64),
        predicted_at=np.zeros(columns.input_ids.shape[1], np.int64),
    )
    totals = np.zeros(1, _TOTALS)
    _count(columns, chosen, vocabulary.word_start, pieces_of(vocabulary), totals, histograms)
    counts: dict[str, Any] = {name: int(totals[0][name]) for name in _NUMBERS}
    return Summary(**counts, labels=labels, **histograms._asdict())


class Histograms(NamedTuple):
    """The arrays of a `Summary` that are counted piece by piece (int64)."""

    lengths: np.ndarray
    predictions_per_instance: np.ndarray
    predicted_at: np.ndarray


_NUMBERS = [field.name for field in dataclasses.fields(Summary) if field.type in (int, "int")]
_TOTALS = np.dtype([(name, np.int64) for name in _NUMBERS])


def _add(a: int | np.ndarray, b: int | np.ndarray) -> int | np.ndarray:
    if isinstance(a, int) or isinstance(b, int):
        return a + b
    total = np.zeros(max(len(a), len(b)), np.int64)
    total[: len(a)] += a
    total[: len(b)] += b
    return total


@numba.njit(cache=True, nogil=True)
def _count(columns, chosen, word_start, special, totals, histograms):
    """Add the chosen rows of `columns` to `totals` (_TOTALS [1]) and `histograms`."""
    total = totals[0]
    width = columns.input_ids.shape[1]
    text = np.empty(width, np.int64)
    hidden = np.zeros(width, np.bool_)
    for row in range(len(columns.input_ids)):
        if not chosen[row]:
            continue
        ids, weights = columns.input_ids[row], columns.masked_lm_weights[row]
        stored = columns.counts[row, INPUT_IDS]
        size = 0
        while size < stored and columns.input_mask[row, size] == 1:
            text[size] = ids[size]
            hidden[size] = False
            size += 1
        predictions = 0
        while predictions < len(weights) and weights[predictions] == 1:
            at = columns.masked_lm_positions[row, predictions]
            text[at] = columns.masked_lm_ids[row, predictions]
            hidden[at] = True
            histograms.predicted_at[at] += 1
            if ids[at] == special.mask:
                total.masked += 1
            elif ids[at] == text[at]:
                total.kept += 1
            else:
                total.random += 1
            predictions += 1
        total.instances += 1
        total.dynamic += columns.counts[row, STARTS] != ABSENT
        total.one_segment += columns.segment_ids[row, size - 1] == 0
        total.pieces += size
        total.stored += stored
        histograms.lengths[size] += 1
        histograms.predictions_per_instance[predictions] += 1
        start = 0
        while start < size:  # a word: a piece and its continuations
            end, inside = start + 1, np.int64(hidden[start])
            total.unknown += text[start] == special.unk
            while (
                end < size and not word_start[text[end]] and text[start] != special.cls and text[start] != special.sep
            ):
                inside += hidden[end]
                end += 1
            if inside > 0 and end - start > 1:
                total.long_words += 1
                total.whole_words += inside == end - start
            start = end
