"""Turns a tokenized shard into the instances of all its copies, as TFRecord frames in random order.

First every copy is planned: for each instance a row of 24 bytes says which pieces it takes (`pairs.py`,
`full_sentences.py`). The rows of all copies are shuffled together. Then the pieces of each row are gathered, masked
(`beam_jobs.masking`) and encoded (`encode.py`) into a buffer of a few MB, which is passed on when it is full. So a
further copy costs time but hardly any memory, and the bytes depend only on the shard, the settings and the key.
"""

from collections.abc import Callable

import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.instances.batch_kernel import Layout, Tally, Text, write_batch
from beam_jobs.instances.counts import NO_SECOND_SEGMENT, InstanceCounts
from beam_jobs.instances.encode_kernel import classic_template, max_framed_size
from beam_jobs.instances.plan_rows import PlannedRows, plan_rows
from beam_jobs.masking.rules import MaskRules, mask_rules
from beam_jobs.records.counter_random import derive_key
from beam_jobs.records.permutation import permutation
from beam_jobs.settings import InstanceSettings
from beam_jobs.settings.objectives import OBJECTIVES
from beam_jobs.tokenizer.tokenize import TokenizedShard
from vocab.vocabulary import Vocabulary

BATCH_BYTES = 4 << 20

_ORDER, _MASKS = 1 << 32, (1 << 32) + 1
"""Path elements below the shard's key that are not copies: the order of the rows, and their masks.

See also `plan_rows`.
"""


def generate_instances(
    shard: TokenizedShard,
    vocabulary: Vocabulary,
    settings: InstanceSettings,
    shard_key: int,
    write: Callable[[memoryview], None],
    made: Callable[[int, int], None] = lambda done, planned: None,
) -> InstanceCounts:
    """Call `write` with the frames of all instances of the shard, a few MB at a time, and return their counts.

    `shard_key` is `path_key(settings.random_seed, shard_index)`. The memory that is passed to `write` is reused after
    `write` returns. After each call of `write`, `made` is called with the number of instances that are done and that
    are planned. Records hold `records.CLASSIC_FEATURES`, or `records.DYNAMIC_FEATURES` with `--masking=dynamic`.

    A shard with a single document has no other document for a random second segment. In fixed mode all its pairs are
    true ones. `InstanceCounts.lone_documents` counts such shards, and `require_partners` refuses a corpus that has no
    others.
    """
    key = np.uint64(shard_key)
    planned = plan_rows(shard, vocabulary, settings, shard_key)
    rows = planned.rows
    text, rules, layout, tally = kernel_arguments(shard, vocabulary, settings)
    order = permutation(int(derive_key(key, _ORDER)), len(rows))
    masks_key = np.uint64(derive_key(key, _MASKS))
    frame = layout.max_framed_size
    buffer = np.empty(min(max(BATCH_BYTES, frame), max(len(rows), 1) * frame), np.uint8)
    done = 0
    while done < len(rows):
        done, size = write_batch(rows, order, done, masks_key, text, rules, layout, tally, buffer)
        write(buffer[:size].data)
        made(done, len(rows))
    return _counts(shard, settings, planned, tally)


def kernel_arguments(
    shard: TokenizedShard, vocabulary: Vocabulary, settings: InstanceSettings
) -> tuple[Text, MaskRules, Layout, Tally]:
    """The arguments of `write_batch`: what it reads, and counts of 0 that it adds to."""
    text = Text(
        shard.ids,
        shard.sentence_starts[shard.document_starts],
        vocabulary.cls_id,
        vocabulary.sep_id,
        vocabulary.unk_id,
        vocabulary.special.separators,
    )
    seq, predictions = settings.max_seq_length, settings.max_predictions_per_seq
    template, values_at = classic_template(seq, predictions)
    layout = Layout(
        max_seq_length=seq,
        max_predictions=predictions,
        template=template,
        values_at=values_at,
        max_framed_size=max_framed_size(seq, predictions),
        dynamic=settings.masking == "dynamic",
    )
    tally = Tally(*(np.zeros(size, np.int64) for size in (seq + 1, predictions + 1, 3, 1)))
    return text, rules_for(settings, vocabulary), layout, tally


def rules_for(settings: InstanceSettings, vocabulary: Vocabulary) -> MaskRules:
    """The masking rules of the settings. For dynamic masking only the beginnings of words are used."""
    return mask_rules(
        vocabulary,
        masking="whole_word" if settings.masking == "dynamic" else settings.masking,
        replace_per=settings.replace_per,
        probability=settings.masked_lm_prob,
        sequence_length=settings.max_seq_length,
        max_predictions=settings.max_predictions_per_seq,
        draw_special=settings.compatibility == "bert",
    )


def require_partners(counts: InstanceCounts, settings: InstanceSettings) -> None:
    """Raise UserError if the whole corpus is a single document but the objective needs two."""
    if settings.objective_rules.draws_random and settings.compatibility == "fixed" and counts.sentences:
        documents = counts.documents + sum(counts.documents_set_aside.values())
        if documents == 1:
            raise UserError(
                f"the input is a single document, and --objective={settings.objective} draws random next segments from "
                f"other documents: separate documents by blank lines, or choose {_without_random_segments(settings)}"
            )


def _without_random_segments(settings: InstanceSettings) -> str:
    others = (name for name, one in OBJECTIVES.items() if not one.draws_random)
    given = settings.objective_rules.given
    return " or ".join(f"--objective={name}" for name in others if OBJECTIVES[name].given == given)


def _counts(shard: TokenizedShard, settings: InstanceSettings, planned: PlannedRows, tally: Tally) -> InstanceCounts:
    rows, objective = planned.rows, settings.objective_rules
    pieces = int((tally.lengths * np.arange(len(tally.lengths))).sum())
    documents = shard.documents
    mask, kept, random = (int(count) for count in tally.fates)
    return InstanceCounts(
        instances=len(rows),
        labels=np.bincount(rows["label"], minlength=max(2, len(objective.labels))).tolist(),
        pieces=pieces,
        padding=len(rows) * settings.max_seq_length - pieces,
        unknown=int(tally.unknown[0]),
        truncated=int(np.count_nonzero(rows["truncated"])),
        truncated_pieces=planned.truncated_pieces,
        predictions=mask + kept + random,
        masked={"mask": mask, "random": random, "kept": kept},
        lengths=tally.lengths.tolist(),
        predictions_per_instance=tally.predictions.tolist(),
        documents=documents - planned.documents_set_aside,
        sentences=shard.sentences,
        text_pieces=len(shard.ids),
        documents_set_aside={NO_SECOND_SEGMENT: planned.documents_set_aside},
        lone_documents=int(documents == 1 and objective.draws_random),
    )
