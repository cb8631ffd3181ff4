"""Adds up the word counts of all items, one partition of the words at a time, and keeps the most frequent words.

The result is exact as long as no slice of a partition has more than `MAX_WORDS` words, and the corpus not many more than
`MAX_DISTINCT_WORDS`. Above that, rare words are left out by fixed rules: the items are added up in the order of the
plan, and whenever a slice has too many words, those with the lowest counts are dropped until at most half of
`MAX_WORDS` are left. So the result does not depend on how many workers there are or what they work on at the same time.
How much was left out is returned, and told in the statistics.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.vocabulary.counts_file import PARTITIONS, read_slice
from beam_jobs.jobs.vocabulary.job import VocabularyJob
from beam_jobs.storage.per_process import in_turn
from beam_jobs.text.word_counts import pack_counts, unpack_counts, word_list
from beam_jobs.tokenizer.word_table import WordTable

MAX_DISTINCT_WORDS = 1_000_000
"""The most words for the learner, about 250 MB there.

The most frequent ones of each partition are kept, since rare words decide nothing.
"""

MAX_WORDS = 1_500_000
"""The most words of a slice in memory, about 100 MB."""


@dataclass(frozen=True)
class PartitionCounts:
    """The counts of one partition of the words."""

    packed: bytes  # the words for the learner: at most `MAX_DISTINCT_WORDS / PARTITIONS`, the most frequent ones
    words: int  # occurrences of all words
    distinct: int  # distinct words; one that was dropped and then came again counts twice
    words_left_out: int  # occurrences that the learner does not get
    distinct_left_out: int


def add_counts(partition: int, rows: Sequence[ItemRow], job: VocabularyJob) -> PartitionCounts:
    """The sum of the counts of a partition over all items, whose rows come in any order.

    Raises UserError if a file of counts is damaged.
    """
    rows = sorted(rows, key=lambda row: row["index"])
    limit = MAX_DISTINCT_WORDS // PARTITIONS
    words = distinct = 0
    kept_counts = np.zeros(0, np.int64)
    kept_words: list[bytes] = []
    with in_turn("add counts", job.settings.shards_per_worker):
        for number in range(job.slices):
            table = WordTable()
            for packed in read_slice(rows, job.output, partition * job.slices + number):
                counts, text = unpack_counts(packed)
                words += int(counts.sum())
                table.add(text, counts)
                if table.distinct > MAX_WORDS:
                    before = table.distinct
                    table = _without_rare(table, MAX_WORDS // 2)
                    distinct += before - table.distinct
            distinct += table.distinct
            counts, found = _most_frequent(table, limit)
            kept_counts, kept_words = np.concatenate([kept_counts, counts]), kept_words + found
            if len(kept_words) > limit:
                order = sorted(range(len(kept_words)), key=lambda i: (-kept_counts[i], kept_words[i]))[:limit]
                kept_counts, kept_words = kept_counts[order], [kept_words[i] for i in order]
    packed = pack_counts(kept_counts, b"".join(word + b"\n" for word in kept_words))
    return PartitionCounts(packed, words, distinct, words - int(kept_counts.sum()), distinct - len(kept_words))


def _without_rare(table: WordTable, limit: int) -> WordTable:
    """The words that are more frequent than the most frequent one of those that are too many."""
    slots = table.slots()
    counts = table.counts(slots)
    kept = slots[counts > np.partition(counts, len(counts) - limit - 1)[len(counts) - limit - 1]]
    smaller = WordTable()
    smaller.add(table.text(kept)[0].tobytes(), table.counts(kept))
    return smaller


def _most_frequent(table: WordTable, limit: int) -> tuple[np.ndarray, list[bytes]]:
    """Counts and words of at most `limit` words; of equally frequent ones those that sort first."""
    slots = table.slots()
    counts = table.counts(slots)
    if len(slots) <= limit:
        return counts, word_list(table.text(slots)[0].tobytes())
    least = np.partition(counts, len(counts) - limit)[len(counts) - limit]
    surely = slots[counts > least]
    tied = word_list(table.text(slots[counts == least])[0].tobytes())
    chosen = heapq.nsmallest(limit - len(surely), tied)
    words = word_list(table.text(surely)[0].tobytes()) + chosen
    return np.concatenate([table.counts(surely), np.full(len(chosen), least, np.int64)]), words
