"""Masks dynamic instances on the fly and writes them into the rows of a batch, compiled.

A mask is a function of (seed, epoch, instance), so every epoch has other masks, and a restart gives the same ones.
`beam_jobs.masking` has the rules. A packed row holds several instances.
"""

from typing import NamedTuple

import numba
import numpy as np

from beam_jobs.masking.mask_kernel import mask_pieces, workspace
from beam_jobs.masking.rules import MaskRules
from beam_jobs.masking.words_kernel import read_words
from beam_jobs.records.counter_random import derive_key
from trainer.data.parse import Shape


class UnmaskedInstances(NamedTuple):
    """Dynamic records, parsed."""

    ids: np.ndarray  # int32 [n, length]
    starts: np.ndarray  # uint8 [n, bytes], bit i is set where piece i begins a word
    sizes: np.ndarray  # int [n], number of pieces; 0: a damaged record
    second_at: np.ndarray  # int [n], where the second segment begins
    labels: np.ndarray  # int32 [n, 1]
    numbers: np.ndarray  # int64 [n], the keys of their random numbers


class RowPlan(NamedTuple):
    """The instances of each row: row `places[r]` has those from `documents_at[r]` to `documents_at[r + 1]`."""

    documents_at: np.ndarray  # int64 [rows to fill + 1]
    places: np.ndarray  # int64 [rows to fill]


class MaskedRows(NamedTuple):
    """A batch, by the names of the model's inputs and labels: int32, weights float32."""

    input_ids: np.ndarray  # [rows, length], like the next two
    input_mask: np.ndarray
    segment_ids: np.ndarray
    masked_lm_positions: np.ndarray  # [rows, predictions], like the next two
    masked_lm_ids: np.ndarray
    masked_lm_weights: np.ndarray
    next_sentence_labels: np.ndarray  # [rows, documents], like the next
    next_sentence_weights: np.ndarray
    block_ids: np.ndarray  # [rows, length], like the next; [rows, 0] if rows are not packed
    position_ids: np.ndarray
    cls_positions: np.ndarray  # [rows, documents]; [rows, 0] if rows are not packed

    @classmethod
    def empty(cls, rows: int, shape: Shape, packed_documents: int) -> "MaskedRows":
        """Rows of zeros, each with room for `packed_documents` instances; 0: rows are not packed."""
        length, predictions, documents = shape.sequence_length, shape.max_predictions, max(1, packed_documents)
        packed_length = length if packed_documents else 0
        return cls(
            input_ids=np.zeros((rows, length), np.int32),
            input_mask=np.zeros((rows, length), np.int32),
            segment_ids=np.zeros((rows, length), np.int32),
            masked_lm_positions=np.zeros((rows, predictions), np.int32),
            masked_lm_ids=np.zeros((rows, predictions), np.int32),
            masked_lm_weights=np.zeros((rows, predictions), np.float32),
            next_sentence_labels=np.zeros((rows, documents), np.int32),
            next_sentence_weights=np.zeros((rows, documents), np.float32),
            block_ids=np.zeros((rows, packed_length), np.int32),
            position_ids=np.zeros((rows, packed_length), np.int32),
            cls_positions=np.zeros((rows, packed_documents), np.int32),
        )


@numba.njit(cache=True, nogil=True)
def mask_rows(
    instances: UnmaskedInstances, plan: RowPlan, rules: MaskRules, epoch_key: np.uint64, out: MaskedRows
) -> None:
    """Mask instances and write them into rows of zeros."""
    work = workspace(instances.ids.shape[1])
    fates = np.zeros(3, np.int64)
    packed = out.block_ids.shape[1] > 0
    for r in range(len(plan.places)):
        row = plan.places[r]
        first, last = plan.documents_at[r], plan.documents_at[r + 1]
        at, predictions = 0, 0
        spare = out.masked_lm_positions.shape[1]
        for i in range(first, last):
            size = instances.sizes[i]
            spare -= budget_less_one(rules.budgets[size]) if size else 0
        for i in range(first, last):
            size = instances.sizes[i]
            if size == 0:
                continue
            budget = budget_less_one(rules.budgets[size])
            if rules.budgets[size] > budget and spare > 0:
                budget += 1
                spare -= 1
            target = out.input_ids[row, at : at + size]
            for p in range(size):
                target[p] = instances.ids[i, p]
                out.input_mask[row, at + p] = 1
                out.segment_ids[row, at + p] = p >= instances.second_at[i]
            words = read_words(target, size, instances.starts[i], rules, work.begins, work.candidates)
            key = derive_key(epoch_key, instances.numbers[i])
            count = mask_pieces(target, size, words, budget, rules, key, work, fates)
            for k in range(count):
                out.masked_lm_positions[row, predictions + k] = at + work.positions[k]
                out.masked_lm_ids[row, predictions + k] = work.originals[k]
                out.masked_lm_weights[row, predictions + k] = 1.0
            predictions += count
            document = i - first
            out.next_sentence_labels[row, document] = instances.labels[i, 0]
            out.next_sentence_weights[row, document] = 1.0
            if packed:
                out.cls_positions[row, document] = at
                for p in range(size):
                    out.block_ids[row, at + p] = document + 1
                    out.position_ids[row, at + p] = p
            at += size


@numba.njit(cache=True, nogil=True, inline="always")
def budget_less_one(budget):
    """The predictions that an instance of a packed row always gets. It gets one more if the row has one left."""
    return max(budget - 1, min(budget, 1))
