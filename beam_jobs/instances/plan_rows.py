"""Plans the rows of all copies of a shard: pairs, given pairs or packed full sentences, as the objective requires."""

from typing import NamedTuple

import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.instances.full_sentences import plan_full_sentences
from beam_jobs.instances.given_pairs import plan_given_pairs
from beam_jobs.instances.lone_sentences import split_lone_sentences
from beam_jobs.instances.pairs import pair_rules
from beam_jobs.instances.pairs_kernel import plan_pairs
from beam_jobs.instances.rows import PLANNED_INSTANCE
from beam_jobs.records.counter_random import derive_key
from beam_jobs.settings import InstanceSettings
from beam_jobs.settings.objectives import Pairs
from beam_jobs.tokenizer.tokenize import TokenizedShard
from vocab.vocabulary import Vocabulary

_CUTS = (1 << 32) + 2  # path element below a copy's key, larger than any document's: the cuts of lone sentences


class PlannedRows(NamedTuple):
    """The plan of a shard: its rows, and what is left out."""

    rows: np.ndarray  # PLANNED_INSTANCE [instances], one copy after the other
    truncated_pieces: int  # pieces that truncation cuts off, in all copies
    documents_set_aside: int  # documents that give no instance


def plan_rows(shard: TokenizedShard, vocabulary: Vocabulary, settings: InstanceSettings, shard_key: int) -> PlannedRows:
    """Plan the instances of every copy; copy `c` draws with the key `derive_key(shard_key, c)`."""
    pairs = settings.objective_rules.pairs
    keys = [np.uint64(derive_key(np.uint64(shard_key), copy)) for copy in range(settings.copies)]
    if pairs is None:
        return _plan_full_sentences(shard, settings, keys)
    if settings.objective_rules.given:
        return _plan_given_pairs(shard, vocabulary, settings, pairs, keys)
    return _plan_pairs(shard, vocabulary, settings, pairs, keys)


def _plan_full_sentences(shard: TokenizedShard, settings: InstanceSettings, keys: list[np.uint64]) -> PlannedRows:
    sentences, documents = shard.sentence_starts, shard.document_starts
    room = settings.max_seq_length - 2  # [CLS] and [SEP]
    most = int((-(-np.diff(sentences) // room)).sum())
    rows = np.empty(len(keys) * most, PLANNED_INSTANCE)  # the system gives memory only when it is written to
    count = 0
    for key in keys:
        count += plan_full_sentences(sentences, documents, key, room, settings.short_seq_prob, rows[count:])
    return PlannedRows(rows[:count], 0, 0)


def _plan_given_pairs(
    shard: TokenizedShard, vocabulary: Vocabulary, settings: InstanceSettings, pairs: Pairs, keys: list[np.uint64]
) -> PlannedRows:
    texts = np.diff(shard.document_starts)
    if (texts > 2).any():
        raise UserError(
            f"a document of {int(texts.max())} sentences is among the input, but --objective={settings.objective} needs "
            "pairs of two texts: make the sentence shards with --pair_field of the segment job"
        )
    whole = shard.document_starts[:-1][texts == 2]
    starts, room = shard.sentence_starts[whole[:, None] + np.arange(3)], _room_for_pairs(vocabulary, settings)
    rows = np.empty(len(keys) * len(whole), PLANNED_INSTANCE)
    cut = 0
    for copy, key in enumerate(keys):
        of_copy = rows[copy * len(whole) : (copy + 1) * len(whole)]
        cut += plan_given_pairs(starts, key, room, pairs.random, pairs.random_label, of_copy)
    return PlannedRows(rows, cut, int((texts < 2).sum()))


def _plan_pairs(
    shard: TokenizedShard, vocabulary: Vocabulary, settings: InstanceSettings, pairs: Pairs, keys: list[np.uint64]
) -> PlannedRows:
    fixed = settings.compatibility == "fixed"
    room = _room_for_pairs(vocabulary, settings)
    rules = pair_rules(pairs, room, settings.short_seq_prob, fixed)
    rows = np.empty(len(keys) * (shard.sentences + shard.documents), PLANNED_INSTANCE)  # as above
    count = cut = aside = 0
    sentences, documents = shard.sentence_starts, shard.document_starts
    for key in keys:
        if fixed:
            cuts_key = np.uint64(derive_key(key, _CUTS))
            sentences, documents = split_lone_sentences(
                shard.ids, shard.sentence_starts, shard.document_starts, vocabulary.word_start, cuts_key
            )
        planned, copy_cut, aside = plan_pairs(sentences, documents, key, rules, rows[count:])
        count += planned
        cut += copy_cut
    return PlannedRows(rows[:count], cut, aside)


def _room_for_pairs(vocabulary: Vocabulary, settings: InstanceSettings) -> int:
    """The most pieces of both segments, beside [CLS], the separators between the segments, and the last [SEP]."""
    return settings.max_seq_length - 2 - vocabulary.special.separators
