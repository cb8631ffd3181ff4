"""Packs full sentences into instances of one segment: RoBERTa's FULL-SENTENCES (Liu et al. 2019, section 4.2).

An instance takes sentences in the order of the shard, as many as fit, also beyond the end of a document; a [SEP] then
separates the documents. With probability `short_seq_prob` an instance has a shorter target length, uniform from 2, as
documents have in BERT. This never cuts a sentence that fits. A sentence that is too long for an instance is cut into
parts, and the last part is treated like a sentence. So in each copy every piece of the text is used exactly once.
"""

from collections.abc import Iterator

import numba
import numpy as np

from beam_jobs.instances.pairs import Draws
from beam_jobs.instances.rows import PLANNED_INSTANCE
from beam_jobs.records.counter_random import draw_below, draw_unit


def plan_full_sentences_plainly(
    sentence_starts: np.ndarray, document_starts: np.ndarray, copy_key: int, room: int, short_seq_prob: float
) -> np.ndarray:
    """The rows of one copy, with at most `room` pieces and inner separators each.

    The plain version of `plan_full_sentences`.
    """
    draws = Draws(copy_key)
    rows: list[tuple[int, ...]] = []
    packed: list[tuple[int, int, int]] = []  # (start, stop, document) of the parts in the instance so far

    def new_target() -> int:
        return 2 + draws.below(room - 1) if draws.unit() < short_seq_prob else room

    def close() -> None:
        start, _, first_document = packed[0]
        _, stop, last_document = packed[-1]
        rows.append((start, first_document, stop - start, 0, last_document - first_document, 0, 0))
        packed.clear()

    target = new_target()
    for start, stop, document in _parts(sentence_starts, document_starts, room):
        if packed:
            filled = packed[-1][1] - packed[0][0] + packed[-1][2] - packed[0][2]
            separator = int(document != packed[-1][2])
            if filled + separator + stop - start > target:
                close()
                target = new_target()
        packed.append((start, stop, document))
    if packed:
        close()
    return np.array(rows, PLANNED_INSTANCE)


def _parts(sentence_starts: np.ndarray, document_starts: np.ndarray, room: int) -> Iterator[tuple[int, int, int]]:
    for document in range(len(document_starts) - 1):
        for sentence in range(document_starts[document], document_starts[document + 1]):
            start, stop = int(sentence_starts[sentence]), int(sentence_starts[sentence + 1])
            for part in range(start, stop, room):
                yield part, min(part + room, stop), document


@numba.njit(cache=True, nogil=True)
def plan_full_sentences(
    sentence_starts: np.ndarray,
    document_starts: np.ndarray,
    copy_key: np.uint64,
    room: int,
    short_seq_prob: float,
    rows: np.ndarray,
) -> int:
    """Write the rows of one copy to the front of `rows` (PLANNED_INSTANCE, at least one per part of a sentence).

    Returns their number.
    """
    count = used = 0
    target = 0
    for document in range(len(document_starts) - 1):
        for sentence in range(document_starts[document], document_starts[document + 1]):
            start, sentence_stop = sentence_starts[sentence], sentence_starts[sentence + 1]
            while start < sentence_stop:
                stop = min(start + room, sentence_stop)
                row = rows[count - 1]
                fits = False
                if count > 0:
                    separators = document - row.b_start
                    fits = stop - row.a_start + separators <= target
                    if fits:
                        row.a_length = stop - row.a_start
                        row.separators = separators
                if not fits:
                    target = room
                    if draw_unit(copy_key, used) < short_seq_prob:
                        target = 2 + draw_below(copy_key, used + 1, room - 1)
                        used += 1
                    used += 1
                    row = rows[count]
                    row.a_start = start
                    row.b_start = document
                    row.a_length = stop - start
                    row.b_length = 0
                    row.separators = 0
                    row.label = 0
                    row.truncated = 0
                    count += 1
                start = stop
    return count
