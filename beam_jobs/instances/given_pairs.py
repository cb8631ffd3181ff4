"""Makes instances of given pairs: the two texts of a record, such as a docstring and its code, are the segments A and B.

CodeBERT (Feng et al. 2020, section 3.2) concatenates text and code so. Every record gives one instance in each copy, in its own
order. A pair that is too long loses pieces at the end of the longer text (of B if both are equally long) until it fits, as
Hugging Face's tokenizers do by "longest_first"; the beginning of a function says most about it. There are no short instances:
`short_seq_prob` is not used.

Where B may be random, it is with that probability the second text of another record of the shard, and all other records are
equally likely. A record that is alone in its shard keeps its own.
"""

import numba
import numpy as np

from beam_jobs.instances.pairs import Draws
from beam_jobs.instances.rows import PLANNED_INSTANCE
from beam_jobs.records.counter_random import derive_key, draw_below, draw_unit


def plan_given_pairs_plainly(
    starts: np.ndarray, copy_key: int, room: int, random: float, random_label: int
) -> tuple[np.ndarray, int]:
    """The rows of one copy (PLANNED_INSTANCE), and the number of pieces that truncation cut off.

    The plain version of `plan_given_pairs`.
    """
    rows: list[tuple[int, ...]] = []
    cut = 0
    for record, (a_start, a_end, own_end) in enumerate(starts.tolist()):
        draws = Draws(int(derive_key(np.uint64(copy_key), record)))
        b_start, b_end, label = a_end, own_end, 0
        if random > 0 and len(starts) > 1 and draws.unit() < random:
            others = [other for other in range(len(starts)) if other != record]
            _, b_start, b_end = starts[others[draws.below(len(others))]].tolist()
            label = random_label
        a_length, b_length = a_end - a_start, b_end - b_start
        lost = 0
        while a_length + b_length > room:
            if a_length > b_length:
                a_length -= 1
            else:
                b_length -= 1
            lost += 1
        cut += lost
        rows.append((a_start, b_start, a_length, b_length, 0, label, lost > 0))
    return np.array(rows, PLANNED_INSTANCE), cut


@numba.njit(cache=True, nogil=True)
def plan_given_pairs(
    starts: np.ndarray, copy_key: np.uint64, room: int, random: float, random_label: int, rows: np.ndarray
) -> int:
    """Write the rows of one copy to `rows` (PLANNED_INSTANCE [records]); return the number of pieces cut off.

    Args:
        starts: int64 [records, 3], where in the pieces the first text of a record begins, its second, and the next record.
        copy_key: decides the random pairs.
        room: most pieces of A and B together.
        random: the probability that B is of another record.
        random_label: the label of such a pair; that of others is 0.
        rows: memory for the result.
    """
    records = len(starts)
    cut = 0
    for record in range(records):
        label, other = 0, record
        if random > 0 and records > 1:
            key = derive_key(copy_key, record)
            if draw_unit(key, 0) < random:
                other = draw_below(key, 1, records - 1)
                other += other >= record
                label = random_label
        a_length = starts[record, 1] - starts[record, 0]
        b_length = starts[other, 2] - starts[other, 1]
        surplus = max(a_length + b_length - room, 0)
        both = room // 2 + room % 2  # the longest A that may stay beside a longer B
        if surplus > 0:
            if b_length <= room - both:
                a_length = room - b_length
            elif a_length <= both:
                b_length = room - a_length
            else:
                a_length, b_length = both, room - both
        row = rows[record]
        row.a_start = starts[record, 0]
        row.b_start = starts[other, 1]
        row.a_length = a_length
        row.b_length = b_length
        row.separators = 0
        row.label = label
        row.truncated = surplus > 0
        cut += surplus
    return cut
