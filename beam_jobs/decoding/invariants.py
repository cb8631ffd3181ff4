"""The rules for every pretraining instance of any tool, checked one instance at a time and explained in words.

The rules are those of google-research/bert's create_pretraining_data. The structure is checked on the original pieces,
because the original generator may put any piece at a predicted position, even [SEP]. `find_violations` in
`flag_batch.py` finds the same instances, a million in a few seconds.
"""

from collections.abc import Iterator

import numpy as np

from beam_jobs.decoding.decode import Instance
from vocab.vocabulary import Vocabulary


def check_instance(instance: Instance, vocabulary: Vocabulary, labels: int = 2) -> list[str]:
    """Everything that is wrong with an instance, in one short sentence each; empty if nothing is.

    `labels` is how many values the objective's label has.
    """
    wrong = [*_check_lengths(instance)]
    if not wrong:
        wrong = [*_check_mask_and_segments(instance), *_check_ids(instance, vocabulary)]
    if not wrong:
        wrong = [*_check_predictions(instance, vocabulary)]
    if not wrong:
        wrong = [*_check_structure(instance, vocabulary)]
    if instance.next_sentence_labels is not None:
        wrong += _check_label(instance.next_sentence_labels, labels)
    return wrong


def _check_lengths(instance: Instance) -> Iterator[str]:
    size = len(instance.input_ids)
    for name in ("input_mask", "segment_ids"):
        length = len(getattr(instance, name))
        if length != size:
            yield f"{name} has {length} values, input_ids has {size}"
    size = len(instance.masked_lm_positions)
    for name in ("masked_lm_ids", "masked_lm_weights"):
        length = len(getattr(instance, name))
        if length != size:
            yield f"{name} has {length} values, masked_lm_positions has {size}"
    if instance.segment_lengths is not None:
        lengths = instance.segment_lengths
        if len(lengths) != 2 or (lengths < 0).any() or lengths.sum() != len(instance.input_ids):
            yield f"segment_lengths {lengths.tolist()} do not add up to the {len(instance.input_ids)} pieces"
    if instance.word_starts is not None:
        yield from _check_word_starts(instance.word_starts, len(instance.input_ids))


def _check_word_starts(stored: np.ndarray, pieces: int) -> Iterator[str]:
    if len(stored) != (pieces + 7) // 8:
        yield f"word_starts has {len(stored)} bytes, {pieces} pieces need {(pieces + 7) // 8}"
    elif np.unpackbits(stored, bitorder="little")[pieces:].any():
        yield f"word_starts has bits beyond the {pieces} pieces"


def _check_mask_and_segments(instance: Instance) -> Iterator[str]:
    mask, segments, pieces = instance.input_mask, instance.segment_ids, instance.pieces
    if not (mask[:pieces] == 1).all():
        yield "input_mask is not ones followed by zeros"
        return
    if pieces < 3:
        yield f"only {pieces} pieces: no text between [CLS] and [SEP]"
    if not np.isin(segments[:pieces], (0, 1)).all() or (np.diff(segments[:pieces]) < 0).any():
        yield "segment_ids is not zeros followed by ones"
    if segments[pieces:].any():
        yield "segment_ids is not 0 over the padding"
    if instance.input_ids[pieces:].any():
        yield "input_ids is not 0 over the padding"


def _check_ids(instance: Instance, vocabulary: Vocabulary) -> Iterator[str]:
    for name in ("input_ids", "masked_lm_ids"):
        ids = getattr(instance, name)
        outside = np.flatnonzero((ids < 0) | (ids >= len(vocabulary)))
        if len(outside):
            yield f"{name}[{outside[0]}] is {ids[outside[0]]}, outside the vocabulary of {len(vocabulary)} pieces"


def _check_predictions(instance: Instance, vocabulary: Vocabulary) -> Iterator[str]:
    weights, positions, count = instance.masked_lm_weights, instance.masked_lm_positions, instance.predictions
    if not (weights[:count] == 1).all():
        yield "masked_lm_weights is not ones followed by zeros"
        return
    if positions[count:].any() or instance.masked_lm_ids[count:].any():
        yield "masked_lm_positions or masked_lm_ids is not 0 over the padding"
    positions = positions[:count]
    if (np.diff(positions) <= 0).any():
        yield "masked_lm_positions do not ascend"
    outside = positions[(positions < 0) | (positions >= instance.pieces)]
    if len(outside):
        yield f"position {outside[0]} is predicted, but there are {instance.pieces} pieces"
    hidden = {vocabulary.pad_id, vocabulary.cls_id, vocabulary.sep_id, vocabulary.mask_id}
    special = [i for i in instance.masked_lm_ids[:count].tolist() if i in hidden]
    if special:
        yield f"{vocabulary.pieces[special[0]]} is predicted"


def _check_structure(instance: Instance, vocabulary: Vocabulary) -> Iterator[str]:
    ids = instance.original_ids()
    first = int(np.count_nonzero(instance.segment_ids[: len(ids)] == 0))  # pieces of [CLS] A [SEP]
    ends = np.flatnonzero(ids == vocabulary.sep_id)
    if ids[0] != vocabulary.cls_id or (ids[1:] == vocabulary.cls_id).any():
        yield "[CLS] is not the first piece, or stands twice"
    if first < len(ids):
        separators = vocabulary.special.separators
        if ends.tolist() != [*range(first - separators, first), len(ids) - 1]:
            yield "[SEP] is not at the end of both segments, and only there"
        if first < 2 + separators or len(ids) - first < 2:
            yield "a segment has no text"
    elif not len(ends) or ends[-1] != len(ids) - 1:  # packed documents have a [SEP] between them
        yield "[SEP] is not the last piece"
    if (ids == vocabulary.mask_id).any():
        yield f"[MASK] at position {int(np.argmax(ids == vocabulary.mask_id))} is not predicted"
    if (ids == vocabulary.pad_id).any():
        yield f"[PAD] at position {int(np.argmax(ids == vocabulary.pad_id))} is among the pieces"
    if instance.word_starts is not None:
        begins = np.unpackbits(instance.word_starts, bitorder="little")[: len(ids)]
        if not begins[(ids == vocabulary.cls_id) | (ids == vocabulary.sep_id)].all():
            yield "word_starts is not set at [CLS] and [SEP]"


def _check_label(stored: np.ndarray, labels: int) -> list[str]:
    if len(stored) == 1 and 0 <= stored[0] < labels:
        return []
    allowed = "neither 0 nor 1" if labels == 2 else f"not one of 0 to {labels - 1}"
    return [f"next_sentence_labels is {stored.tolist()}, {allowed}"]
