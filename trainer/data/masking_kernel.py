"""Masking of dynamic records, compiled; `dynamic_masking.py` says what it does."""

import numba
import numpy as np

from beam_jobs.masking.choice_kernel import KEPT_BELOW, MASK_BELOW, REPLACE_AT, choose_spans, choose_words
from beam_jobs.records.counter_random import derive_key, draw

_MASK_BELOW, _KEPT_BELOW = np.uint64(MASK_BELOW), np.uint64(KEPT_BELOW)
_LOW_HALF, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)


@numba.njit(cache=True, nogil=True)
def mask_rows(
    ids, starts, sizes, second_at, labels, instances, epoch_key, documents_at, places, cls_id, sep_id, mask_id,
    every_piece, per_group, span_limits, replacements, budgets,
    out_ids, out_mask, out_segments, out_positions, out_originals, out_weights,
    out_labels, out_label_weights, out_blocks, out_position_ids, out_cls,
):  # fmt: skip
    """Mask instances and write them into rows: row `places[r]` gets those from `documents_at[r]` to `documents_at[r + 1]`.

    Instances: `ids` int32 [n, length], of which `sizes[i]` count and the second segment begins at `second_at[i]`;
    `starts` uint8 [n, bytes], bit i set when piece i begins a word; `labels` int32 [n, 1]; `instances` int64 [n], what
    their random numbers are keyed by. The outputs are zeroed; the last three are written for packed rows only, those that
    are wider than 0.
    """
    length = ids.shape[1]
    begins, candidates = np.empty(length + 1, np.int32), np.empty(length + 1, np.int32)
    groups = np.zeros(length, np.int32)
    packed = out_blocks.shape[1] > 0
    most = out_positions.shape[1]
    for r in range(len(places)):
        row = places[r]
        first, last = documents_at[r], documents_at[r + 1]
        at, predictions = 0, 0
        spare = most
        for i in range(first, last):
            spare -= budget_less_one(budgets[sizes[i]]) if sizes[i] else 0
        for i in range(first, last):
            size = sizes[i]
            if size == 0:  # a damaged record
                continue
            budget = budget_less_one(budgets[size])
            if budgets[size] > budget and spare > 0:
                budget += 1
                spare -= 1
            key = derive_key(epoch_key, instances[i])
            words = find_words(ids[i], size, starts[i], every_piece, cls_id, sep_id, begins, candidates)
            if len(span_limits) > 0:
                choose_spans(ids[i], size, cls_id, sep_id, begins, candidates, words, budget, span_limits, key, groups)
            else:
                choose_words(begins, candidates, words, budget, key, groups)
            target = out_ids[row, at:]
            for p in range(size):
                piece = ids[i, p]
                target[p] = piece
                out_mask[row, at + p] = 1
                out_segments[row, at + p] = p >= second_at[i]
                if groups[p] == 0:
                    continue
                own = draw(key, REPLACE_AT + p)
                fate = own >> _SHIFT
                if per_group:
                    fate = draw(key, REPLACE_AT + groups[p] - 1) >> _SHIFT
                if fate < _MASK_BELOW:
                    target[p] = mask_id
                elif fate >= _KEPT_BELOW:
                    target[p] = replacements[((own & _LOW_HALF) * np.uint64(len(replacements))) >> _SHIFT]
                out_positions[row, predictions] = at + p
                out_originals[row, predictions] = piece
                out_weights[row, predictions] = 1.0
                predictions += 1
                groups[p] = 0
            document = i - first
            out_labels[row, document] = labels[i, 0]
            out_label_weights[row, document] = 1.0
            if packed:
                out_cls[row, document] = at
                for p in range(size):
                    out_blocks[row, at + p] = document + 1
                    out_position_ids[row, at + p] = p
            at += size


@numba.njit(cache=True, nogil=True, inline="always")
def budget_less_one(budget):
    """What an instance of a packed row may always predict; one more while the row's predictions last."""
    return max(budget - 1, min(budget, 1))


@numba.njit(cache=True, nogil=True)
def find_words(ids, size, starts, every_piece, cls_id, sep_id, begins, candidates):
    """Write where words begin to `begins` ([CLS] and [SEP] each count as one; the end follows the last) and the words that
    may be masked, as indices into it, to `candidates`; return their number.
    """
    words, count = np.int64(0), np.int64(0)
    for p in range(size):
        special = np.int64(ids[p] == cls_id) | np.int64(ids[p] == sep_id)
        begin = np.int64(every_piece) | special | np.int64(starts[p >> 3]) >> (p & 7) & 1
        begins[words] = p
        candidates[count] = words
        words += begin
        count += begin & (special ^ 1)
    begins[words] = size
    return count
