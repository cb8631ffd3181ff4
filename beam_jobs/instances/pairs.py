"""Pairs the segments A and B of instances, as an objective draws them (`Pairs` in settings/objectives.py).

This is the algorithm in plain Python, to be read; `pairs_kernel.py` is the same compiled and gives the same rows (a
test holds them equal). For next sentence prediction (nsp) it follows `create_instances_from_document` of
google-research/bert (Devlin et al. 2018, section A.2), and for sentence order prediction (sop) that of ALBERT (Lan et
al. 2019, section 3.1):

- A document has a target length: `max_seq_length - 3`, or, with probability `short_seq_prob`, uniform from 2 to that.
- Its sentences are gathered into a chunk until the chunk has the target length or the document ends. Segment A is the
  first one or more sentences of the chunk. Their number is uniform, and at least one sentence is left for B.
- With the objective's probability (nsp: 1/2, sop: 0), B is random: it begins at a random sentence of a random document
  of the shard, and takes sentences until it has the target length. The sentences of the chunk that B did not use are
  put back, and the next chunk begins with them.
- Otherwise B is the rest of the chunk, and with the objective's probability (nsp: 0, sop: 1/2) A and B are swapped.
- The label is 0 if B follows A. The objective says what it is for a random B and for swapped segments.
- A pair that is too long loses pieces of the longer segment (of B if both are equally long), one at a time, each from
  the front or the back with probability 1/2.

`--compatibility=bert` does exactly this, with two oddities of the original. First, the random document is drawn up to
ten times, but may still be the same one in the end; it always is if the shard has no other. Second, a chunk of one
sentence always gets a random B and its label. Such a chunk comes from a sentence of the target length or more, or from
the last sentence of a document if it is left over.

`--compatibility=fixed`, the default, differs as follows:

- The random document is never the same one. A document that is alone in its shard has only true pairs.
- A chunk has at least two sentences if the document has more, so that a long sentence gets a true B as often as a
  random one.
- If the last sentence of a document is left over, nothing follows it. With probability 1/2 it becomes the B of a true
  pair, whose A is the sentences before it, back to the target length, although they have been used already. Otherwise
  it becomes an A with a random B. An objective without random pairs always does the former.
- A document of one sentence is first cut in two (`lone_sentences.py`). If it is a single word, it gets a random B. If
  there can be none, because of the objective or because there is no other document, the document is set aside.

In both modes, a sentence that is too long for an instance is truncated like any other pair.
"""

from typing import NamedTuple

import numpy as np

from beam_jobs.instances.rows import PLANNED_INSTANCE
from beam_jobs.records.counter_random import derive_key, draw
from beam_jobs.settings.objectives import Pairs

RANDOM_DOCUMENT_TRIES = 10  # as in the original; more would lower its rate of pairs from the same document


class PairRules(NamedTuple):
    """The settings that decide the pairs, as a named tuple, which compiled code can take."""

    room: int  # most pieces of A and B together
    short_seq_prob: float
    fixed: bool
    random: float  # this and what follows: see `Pairs`
    random_label: int
    swapped: float
    swapped_label: int


def pair_rules(pairs: Pairs, room: int, short_seq_prob: float, fixed: bool) -> PairRules:
    """The rules for an objective's pairs, with values of the types that the kernel is compiled for."""
    random, swapped = float(pairs.random), float(pairs.swapped)
    return PairRules(room, float(short_seq_prob), fixed, random, pairs.random_label, swapped, pairs.swapped_label)


class Draws:
    """The random numbers of one document, in order: the stream of its key."""

    def __init__(self, key: int) -> None:
        self._key, self._used = np.uint64(key), 0

    def bits(self) -> int:
        """64 random bits."""
        self._used += 1
        return int(draw(self._key, self._used - 1))

    def unit(self) -> float:
        """Uniform in [0, 1)."""
        return (self.bits() >> 11) / (1 << 53)

    def below(self, bound: int) -> int:
        """Uniform in range(bound)."""
        return ((self.bits() >> 32) * bound) >> 32

    def coins(self, tosses: int) -> int:
        """The number of heads in so many tosses of a fair coin."""
        heads = 0
        for remaining in range(tosses, 0, -64):
            heads += (self.bits() & ((1 << min(remaining, 64)) - 1)).bit_count()
        return heads


def plan_pairs_plainly(
    sentence_starts: np.ndarray, document_starts: np.ndarray, copy_key: int, rules: PairRules
) -> tuple[np.ndarray, int, int]:
    """One copy's rows (PLANNED_INSTANCE), the pieces that truncation cut off, and the number of documents set aside.

    `sentence_starts` (int64 [sentences + 1]) are offsets into the shard's ids, `document_starts` (int64
    [documents + 1]) into the sentences; no sentence and no document is empty. In fixed mode single sentences have been
    cut in two.
    """
    rows: list[tuple[int, ...]] = []
    cut = aside = 0
    documents = len(document_starts) - 1
    can_be_random = rules.random > 0 and (documents > 1 or not rules.fixed)

    def length(start: int, stop: int) -> int:
        return int(sentence_starts[stop] - sentence_starts[start])

    for document in range(documents):
        draws = Draws(derive_key(np.uint64(copy_key), document))
        target = rules.room
        if draws.unit() < rules.short_seq_prob:
            target = 2 + draws.below(rules.room - 1)
        first, end = int(document_starts[document]), int(document_starts[document + 1])
        start = first
        while start < end:
            stop = start
            while stop < end and (length(start, stop) < target or (rules.fixed and stop - start < 2)):
                stop += 1
            begin, middle = start, start + 1
            if stop - start > 1:
                middle = start + 1 + draws.below(stop - start - 1)
                random_next = can_be_random and draws.unit() < rules.random
            elif not rules.fixed:
                random_next = True
            elif start == first:
                random_next = True
                if not can_be_random:
                    aside += 1
                    break
            else:
                random_next = can_be_random and draws.unit() < rules.random
                if not random_next:
                    middle = start
                    begin = start - 1
                    while begin > first and length(begin, stop) < target:
                        begin -= 1
            label = rules.random_label if random_next else 0
            a = (int(sentence_starts[begin]), int(sentence_starts[middle]))
            b = (int(sentence_starts[middle]), int(sentence_starts[stop]))
            if random_next:
                b = _random_segment(sentence_starts, document_starts, document, target - (a[1] - a[0]), draws, rules)
                stop = middle  # the rest of the chunk is put back
            elif rules.swapped > 0 and draws.unit() < rules.swapped:
                a, b, label = b, a, rules.swapped_label
            before = a[1] - a[0] + b[1] - b[0]
            a, b = truncate_pair_plainly(a, b, rules.room, draws)
            lost = before - (a[1] - a[0] + b[1] - b[0])
            cut += lost
            rows.append((a[0], b[0], a[1] - a[0], b[1] - b[0], 0, label, lost > 0))
            start = stop
    return np.array(rows, PLANNED_INSTANCE), cut, aside


def _random_segment(
    sentence_starts: np.ndarray,
    document_starts: np.ndarray,
    document: int,
    target: int,
    draws: Draws,
    rules: PairRules,
) -> tuple[int, int]:
    documents = len(document_starts) - 1
    if rules.fixed:
        other = draws.below(documents - 1)
        other += other >= document
    else:
        for _ in range(RANDOM_DOCUMENT_TRIES):
            other = draws.below(documents)
            if other != document:
                break
    first, end = int(document_starts[other]), int(document_starts[other + 1])
    start = first + draws.below(end - first)
    stop = start + 1
    while stop < end and sentence_starts[stop] - sentence_starts[start] < target:
        stop += 1
    return int(sentence_starts[start]), int(sentence_starts[stop])


def truncate_pair_plainly(
    a: tuple[int, int], b: tuple[int, int], room: int, draws: Draws
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The two ranges of pieces after `truncate_seq_pair`, which removes one piece at a time from the longer of the two.

    How many pieces each loses is not random. How many of these are lost at the front is the result of coin tosses.
    """
    a_left, b_left = a[1] - a[0], b[1] - b[0]
    while a_left + b_left > room:
        if a_left > b_left:
            a_left -= 1
        else:
            b_left -= 1
    a_front = draws.coins(a[1] - a[0] - a_left)
    b_front = draws.coins(b[1] - b[0] - b_left)
    return (a[0] + a_front, a[0] + a_front + a_left), (b[0] + b_front, b[0] + b_front + b_left)
