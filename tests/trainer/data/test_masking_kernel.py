import numpy as np
import pytest

from beam_jobs.instances.generate import rules_for
from beam_jobs.masking.plain import mask_plainly
from beam_jobs.masking.rules import mask_rules
from beam_jobs.records.counter_random import derive_key, path_key
from beam_jobs.settings import InstanceSettings
from trainer.data.masking_kernel import MaskedRows, RowPlan, UnmaskedInstances, mask_rows
from trainer.data.parse import Shape

KINDS = [("whole_word", "piece"), ("whole_word", "word"), ("wordpiece", "piece"), ("span", "piece"), ("ngram", "piece")]
LENGTH, PREDICTIONS = 48, 7
EPOCH_KEY = 1234567890123456789


def random_instances(vocabulary, count, seed=0, length=LENGTH):
    """ids [count, length], sizes, where second segments begin, and the bits of the words' beginnings."""
    generator = np.random.default_rng(seed)
    usable = [i for i in range(len(vocabulary)) if i not in vocabulary.special_ids]
    ids, sizes = np.zeros((count, length), np.int32), generator.integers(5, length + 1, count)
    second = generator.integers(2, sizes - 1)
    bits = np.zeros((count, (length + 7) // 8), np.uint8)
    for i, (size, at) in enumerate(zip(sizes, second, strict=True)):
        ids[i, :size] = generator.choice(usable, size)
        ids[i, [0, at - 1, size - 1]] = vocabulary.cls_id, vocabulary.sep_id, vocabulary.sep_id
        special = (ids[i] == vocabulary.cls_id) | (ids[i] == vocabulary.sep_id)
        after = np.concatenate(([False], special[:-1]))
        starts = vocabulary.word_start[ids[i]] | special | after
        starts[size:] = False
        bits[i] = np.packbits(starts, bitorder="little")
    return ids, sizes, second, bits


def run(vocabulary, masking, ids, sizes, second, bits, predictions=PREDICTIONS, replace_per="piece"):
    """The masked rows, one instance in each."""
    count, length = ids.shape
    rules = mask_rules(
        vocabulary,
        masking=masking,
        replace_per=replace_per,
        probability=0.15,
        sequence_length=length,
        max_predictions=predictions,
    )
    labels = np.ones((count, 1), np.int32)
    instances = UnmaskedInstances(ids, bits, sizes, second, labels, np.arange(count))
    rows = MaskedRows.empty(count, Shape(length, predictions, len(vocabulary)), 0)
    mask_rows(instances, RowPlan(np.arange(count + 1), np.arange(count)), rules, np.uint64(EPOCH_KEY), rows)
    return rows


@pytest.mark.parametrize(("kind", "replace_per"), KINDS)
def test_masks_are_those_of_the_instances_job_piece_for_piece(kind, replace_per, vocabulary):
    ids, sizes, second, bits = random_instances(vocabulary, 200)
    found = run(vocabulary, kind, ids, sizes, second, bits, replace_per=replace_per)
    rules = rules_for(
        InstanceSettings(
            masking=kind, replace_per=replace_per, max_seq_length=LENGTH, max_predictions_per_seq=PREDICTIONS
        ),
        vocabulary,
    )
    for i, size in enumerate(sizes):
        key = int(derive_key(np.uint64(EPOCH_KEY), np.int64(i)))
        masked, positions, _ = mask_plainly(ids[i, :size].tolist(), key, rules)
        assert found.input_ids[i, :size].tolist() == masked
        assert not found.input_ids[i, size:].any()
        weights = found.masked_lm_weights[i]
        assert weights.tolist() == [1.0] * len(positions) + [0.0] * (PREDICTIONS - len(positions))
        assert found.masked_lm_positions[i, : len(positions)].tolist() == positions
        assert found.masked_lm_ids[i, : len(positions)].tolist() == ids[i, positions].tolist()
        assert found.input_mask[i].tolist() == [1] * size + [0] * (LENGTH - size)
        assert found.segment_ids[i].tolist() == [int(second[i] <= p < size) for p in range(LENGTH)]


@pytest.mark.parametrize("kind", ["whole_word", "wordpiece", "span", "ngram"])
def test_shares_of_masks_kept_and_random_pieces(kind, vocabulary):
    ids, sizes, second, bits = random_instances(vocabulary, 4000, seed=1)
    found = run(vocabulary, kind, ids, sizes, second, bits, predictions=LENGTH)
    chosen = found.masked_lm_weights > 0
    rows = np.nonzero(chosen)[0]
    now, before = found.input_ids[rows, found.masked_lm_positions[chosen]], found.masked_lm_ids[chosen]
    budget = np.array([max(1, round(size * 0.15)) for size in sizes])
    assert (chosen.sum(1) <= budget).all()
    assert chosen.sum() > 0.97 * budget.sum()
    assert np.mean(now == vocabulary.mask_id) == pytest.approx(0.8, abs=0.015)
    assert np.mean(now == before) == pytest.approx(0.1, abs=0.015)
    random = now[(now != vocabulary.mask_id) & (now != before)]
    assert not set(random.tolist()) & (vocabulary.special_ids | vocabulary.unused_ids)
    assert len(set(random.tolist())) > 0.8 * len(vocabulary)
    assert not set(before.tolist()) & {vocabulary.cls_id, vocabulary.sep_id}


def test_whole_words_are_masked_whole(vocabulary):
    ids, sizes, second, bits = random_instances(vocabulary, 500, seed=2)
    found = run(vocabulary, "whole_word", ids, sizes, second, bits)
    for i, size in enumerate(sizes):
        chosen = set(found.masked_lm_positions[i, found.masked_lm_weights[i] > 0].tolist())
        begins = np.unpackbits(bits[i], bitorder="little")[:LENGTH]
        for p in range(1, size):
            if not begins[p]:
                assert (p in chosen) == (p - 1 in chosen)


def test_spans_are_about_as_long_as_spanbert_says(vocabulary):
    ids, sizes, second, bits = random_instances(vocabulary, 800, seed=3, length=256)
    everything = np.full_like(bits, 255)
    found = run(vocabulary, "span", ids, sizes, second, everything, predictions=60)
    runs = []
    for i in range(len(ids)):
        positions = found.masked_lm_positions[i, found.masked_lm_weights[i] > 0]
        runs += np.diff(np.flatnonzero(np.concatenate(([1], np.diff(positions) != 1, [1])))).tolist()
    assert 3.0 < np.mean(runs) < 4.8  # 3.8, shorter at ends of segments and budgets, longer where two meet


def test_the_key_of_an_epoch_changes_the_masks(vocabulary):
    assert path_key(5, 0, 3) != path_key(5, 1, 3)
