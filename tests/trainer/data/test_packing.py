import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from beam_jobs.masking.rules import prediction_budgets
from trainer.data.batches import open_batches
from trainer.data.packing import PackRules, pack_unit
from trainer.data.record_index import INDEX_FOLDER
from trainer.plans.settings import Masking

LONG = 192
RULES = PackRules(64, 10, prediction_budgets(0.15, 64, 10))


@given(lengths=st.lists(st.integers(0, 64), max_size=200), predictions=st.integers(2, 12))
def test_every_instance_is_packed_once_and_fits(lengths, predictions):
    lengths = np.array(lengths, np.uint16)
    rules = PackRules(64, predictions, prediction_budgets(0.2, 64, predictions))
    packed = pack_unit(lengths, rules)
    assert sorted(packed.members.tolist()) == list(range(len(lengths)))
    for first, last in itertools.pairwise(packed.row_starts.tolist()):
        sizes = lengths[packed.members[first:last]]
        assert 1 <= len(sizes) <= rules.documents
        assert sizes.sum() <= 64
        assert sum(max(1, rules.budgets[size] - 1) for size in sizes if size) <= predictions


def test_rows_are_well_filled():
    lengths = np.random.default_rng(0).integers(8, 64, 1024)
    rows = len(pack_unit(lengths, RULES).row_starts) - 1
    assert lengths.sum() / (rows * 64) > 0.9


def test_a_packed_row_is_its_instances_side_by_side(make_folder, ask):
    folder = str(make_folder(masking="dynamic", short_seq_prob=0.9, max_seq_length=LONG))
    plain = open_batches(folder, "train", ask(sequence_length=LONG, max_predictions=30))
    packed = open_batches(folder, "train", ask(sequence_length=LONG, max_predictions=30, packing=True))
    assert packed.rows < 0.9 * plain.rows
    alone = next(plain.with_batch_size(plain.rows).batches(0))
    together = next(packed.with_batch_size(packed.rows).batches(0))
    expected = sorted(_instance(alone, row, 0, int(alone["input_mask"][row].sum()), 0) for row in range(plain.rows))
    found = []
    for row in range(packed.rows):
        blocks = together["block_ids"][row]
        assert (blocks[: blocks.argmin() or None] > 0).all()
        for document in np.flatnonzero(together["next_sentence_weights"][row]):
            places = np.flatnonzero(blocks == document + 1)
            start, size = int(places[0]), len(places)
            assert places.tolist() == list(range(start, start + size))
            assert together["position_ids"][row, places].tolist() == list(range(size))
            assert together["cls_positions"][row, document] == start
            found.append(_instance(together, row, start, size, document))
        assert not together["input_mask"][row, blocks == 0].any()
    assert len(found) == len(expected)
    same = sum(a == b for a, b in zip(sorted(found), expected, strict=True))
    assert same > 0.9 * len(expected)  # the others predict one piece less, to fit the row's predictions


def _instance(batch, row, start, size, document):
    positions = batch["masked_lm_positions"][row]
    own = (positions >= start) & (positions < start + size) & (batch["masked_lm_weights"][row] > 0)
    return (
        tuple(batch["input_ids"][row, start : start + size].tolist()),
        tuple(batch["segment_ids"][row, start : start + size].tolist()),
        tuple((positions[own] - start).tolist()),
        tuple(batch["masked_lm_ids"][row][own].tolist()),
        int(np.ravel(batch["next_sentence_labels"][row])[document]),
    )


def test_packed_loss_is_the_loss_of_the_same_instances_apart(make_folder, ask, vocabulary):
    jax = pytest.importorskip("jax")
    from tiny_run import tiny_model

    from trainer.tasks.pretraining import SUMS, pretraining
    from trainer.training.step import batch_sums

    folder = str(make_folder(masking="dynamic", short_seq_prob=0.9, max_seq_length=LONG))
    settings = ask(sequence_length=LONG, max_predictions=40, masking=Masking(probability=0.1))
    plain = open_batches(folder, "dev", settings)
    packed = open_batches(folder, "dev", dataclasses.replace(settings, packing=True))
    model = tiny_model(vocab_size=len(vocabulary), max_position_embeddings=LONG)
    for variable in model.trainable_variables:
        if variable.name not in ("gamma", "beta"):
            variable.assign(variable.value * 8)
    weights = {v.path: v.value for v in model.trainable_variables}
    other = {v.path: v.value for v in model.non_trainable_variables}
    sums = []
    for source in (plain, packed):
        batch = next(source.with_batch_size(source.rows).batches(0))
        found = jax.jit(lambda rows: batch_sums(model, pretraining(1.0), weights, other, rows, training=False)[0])(
            batch
        )
        sums.append([float(found[name]) for name in SUMS])
    assert packed.rows < plain.rows
    np.testing.assert_allclose(sums[1], sums[0], rtol=1e-5)


def test_a_packed_row_predicts_exactly_what_fits(make_folder, ask):
    """Every instance one piece less than alone, and the first ones as many as alone while the row has room."""
    folder = str(make_folder(masking="dynamic", short_seq_prob=0.9, max_seq_length=LONG))
    room = 20  # fewer than 0.15 of a full row
    settings = ask(sequence_length=LONG, max_predictions=room, packing=True, masking=Masking(kind="wordpiece"))
    source = open_batches(folder, "train", settings)
    batch = next(source.with_batch_size(source.rows).batches(0))
    budgets = prediction_budgets(0.15, LONG, room)
    tight = 0
    for row in range(source.rows):
        blocks, weights = batch["block_ids"][row], batch["masked_lm_weights"][row]
        sizes = [int((blocks == document).sum()) for document in range(1, blocks.max() + 1)]
        wanted = [max(1, int(budgets[size]) - 1) for size in sizes]
        for document, size in enumerate(sizes):
            wanted[document] += wanted[document] < budgets[size] and sum(wanted) < room
        tight += sum(wanted) == room < sum(budgets[sizes])
        places = batch["masked_lm_positions"][row][weights > 0]
        assert [int((blocks[places] == document).sum()) for document in range(1, len(sizes) + 1)] == wanted
        assert weights.tolist() == [1.0] * sum(wanted) + [0.0] * (room - sum(wanted))
    assert tight > 5, "rows must be full of predictions for this to say anything"


def test_static_records_cannot_be_packed(make_folder, ask):
    with pytest.raises(UserError, match="packing needs records made with --masking=dynamic"):
        open_batches(str(make_folder()), "train", ask(packing=True))


def test_shards_that_changed_since_they_were_measured(make_folder, ask):
    folder = make_folder(masking="dynamic", new=True)
    open_batches(str(folder), "train", ask(packing=True))
    for path in (folder / INDEX_FOLDER).iterdir():
        lengths = np.frombuffer(path.read_bytes(), "<u2")
        path.write_bytes(np.maximum(lengths - 1, 5).astype("<u2").tobytes())
    source = open_batches(str(folder), "train", ask(packing=True))
    with pytest.raises(UserError, match=r"part-.* has another length than it had; remove .*index"):
        next(source.batches(0))


def test_lengths_are_measured_once(make_folder, ask, caplog):
    folder = make_folder(masking="dynamic", new=True)
    with caplog.at_level("INFO", logger="trainer"):
        first = open_batches(str(folder), "train", ask(packing=True))
        assert caplog.text.count("measuring") == 4
        second = open_batches(str(folder), "train", ask(packing=True))
        assert caplog.text.count("measuring") == 4
    assert first.rows == second.rows
