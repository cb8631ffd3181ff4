"""Turns planned rows into TFRecord frames in a buffer, compiled: gathers, masks and encodes one row after the other."""

from typing import Any, NamedTuple

import numba
import numpy as np

from beam_jobs.instances.encode_kernel import write_classic, write_dynamic
from beam_jobs.instances.prefetch_kernel import prefetch_instances
from beam_jobs.masking.choice_kernel import choose_ngrams, choose_spans, choose_words
from beam_jobs.masking.mask_kernel import workspace
from beam_jobs.masking.replace_kernel import replace_pieces
from beam_jobs.masking.rules import MaskRules
from beam_jobs.masking.words_kernel import find_words
from beam_jobs.records.counter_random import derive_key


class Text(NamedTuple):
    """The pieces that the rows refer to, and the ids of the special pieces."""

    ids: np.ndarray  # int32 [pieces of the shard]
    document_pieces: np.ndarray  # int64 [documents + 1], where in `ids` each document begins
    cls_id: int
    sep_id: int
    unk_id: int
    separators: int = 1  # between two segments; 2 in RoBERTa


class Layout(NamedTuple):
    """The shape of a record."""

    max_seq_length: int
    max_predictions: int
    template: np.ndarray
    values_at: np.ndarray
    max_framed_size: int
    dynamic: bool  # nothing is masked, because the trainer does it


class Tally(NamedTuple):
    """The counts of a shard's instances, int64 each."""

    lengths: np.ndarray  # [max_seq_length + 1]
    predictions: np.ndarray  # [max_predictions + 1]
    fates: np.ndarray  # [3], predictions by MASK, KEPT, RANDOM
    unknown: np.ndarray  # [1]


@numba.njit(cache=True, nogil=True)
def write_batch(
    rows: np.ndarray,
    order: np.ndarray,
    first: int,
    key: np.uint64,
    text: Text,
    rules: MaskRules,
    layout: Layout,
    tally: Tally,
    out: np.ndarray,
) -> tuple[int, int]:
    """Write the rows (PLANNED_INSTANCE) `order[first:]` to `out` (uint8) until it is full.

    Returns the index of the first row that is not written, and the number of bytes written. `order` is int64 [rows].
    Row r is masked with the key `derive_key(key, r)`.
    """
    seq = layout.max_seq_length
    pieces = np.zeros(seq + 1, np.int32)
    work = workspace(seq)
    # Unpacked once: taking an array out of a named tuple in the loop counts a reference to it each time. For the same
    # reason `mask_pieces` is not called but written out below; that makes this kernel 8 % faster.
    begins, candidates, groups = work.begins, work.candidates, work.groups
    positions, originals = work.positions, work.originals
    two, varints = np.zeros(2, np.int32), np.zeros(seq + 2 * max(layout.max_predictions, 1), np.uint32)
    at = 0
    n = first
    while n < len(order) and at + layout.max_framed_size <= len(out):
        prefetch_instances(rows, order, n, text.ids)
        row = rows[order[n]]
        length = gather(row, text, pieces)
        b_at = np.int64(row.a_length) + 1 + text.separators if row.b_length > 0 else length
        tally.lengths[length] += 1
        unknown = np.int32(0)
        for i in range(length):
            unknown += np.int32(pieces[i] == text.unk_id)
        tally.unknown[0] += unknown
        words = find_words(pieces, length, rules.piece_flags, begins, candidates)
        if layout.dynamic:
            at = write_dynamic(out, at, pieces, length, b_at, row.label, begins, two, varints)
        else:
            row_key = derive_key(key, order[n])
            budget = rules.budgets[length]
            if len(rules.span_limits) > 0:
                choose_spans(pieces, length, rules, begins, candidates, words, budget, row_key, groups)
            elif rules.ngrams:
                choose_ngrams(pieces, length, rules, begins, candidates, words, budget, row_key, groups)
            else:
                choose_words(begins, candidates, words, budget, row_key, groups)
            predictions = replace_pieces(
                pieces,
                length,
                groups,
                mask_id=rules.mask_id,
                per_group=rules.per_group,
                replacements=rules.replacements,
                key=row_key,
                positions=positions,
                originals=originals,
                fates=tally.fates,
            )
            tally.predictions[predictions] += 1
            at = write_classic(
                out,
                at,
                template=layout.template,
                values_at=layout.values_at,
                pieces=pieces,
                max_seq_length=seq,
                length=length,
                b_at=b_at,
                label=row.label,
                positions=positions,
                originals=originals,
                max_predictions=layout.max_predictions,
                predictions=predictions,
                varints=varints,
            )
        n += 1
    return n, at


@numba.njit(cache=True)
def gather(row: Any, text: Text, pieces: np.ndarray) -> int:
    """Write the pieces of an instance (a PLANNED_INSTANCE), special ones included, to `pieces` (int32); return their number."""
    pieces[0] = text.cls_id
    length = 1
    start, stop = row.a_start, row.a_start + row.a_length
    document = row.b_start
    for _ in range(row.separators):
        end = text.document_pieces[document + 1]
        length = _append(text, start, end, pieces, length)
        start = end
        document += 1
    length = _append(text, start, stop, pieces, length)
    if row.b_length > 0:
        for _ in range(text.separators - 1):
            pieces[length] = text.sep_id
            length += 1
        length = _append(text, row.b_start, row.b_start + row.b_length, pieces, length)
    return length


@numba.njit(cache=True)
def _append(text: Text, start: int, stop: int, pieces: np.ndarray, length: int) -> int:
    """Append pieces of the text and a [SEP]."""
    source, target = text.ids[start:stop], pieces[length:]
    for i in range(len(source)):
        target[i] = source[i]
    length += len(source)
    pieces[length] = text.sep_id
    return length + 1
