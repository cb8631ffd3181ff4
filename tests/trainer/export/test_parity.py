import dataclasses

import numpy as np
import pytest

from trainer.export.parity import ExportMismatchError, logits, probe_batch, require_close, require_same_model
from trainer.export.weight_map import ImportedModel, read_weights


def test_the_probe_exercises_every_input(config):
    batch = probe_batch(config)
    assert {name: (value.dtype, value.shape) for name, value in batch.items()} == {
        "input_ids": (np.int32, (2, 32)),
        "input_mask": (np.int32, (2, 32)),
        "segment_ids": (np.int32, (2, 32)),
        "masked_lm_positions": (np.int32, (2, 5)),
    }
    assert batch["input_mask"].sum() < 64, "some padding"
    assert set(np.unique(batch["segment_ids"])) == {0, 1}
    assert not batch["input_ids"][batch["input_mask"] == 0].any()
    ends = batch["input_mask"].sum(1) - 1
    assert batch["masked_lm_positions"][:, 0].tolist() == [0, 0]
    assert batch["masked_lm_positions"][:, -1].tolist() == ends.tolist()
    again = probe_batch(config)
    assert all(np.array_equal(batch[name], again[name]) for name in batch)


def test_the_probe_fits_small_networks(config):
    small = dataclasses.replace(config, max_position_embeddings=12, type_vocab_size=1)
    batch = probe_batch(small)
    assert batch["input_ids"].shape == (2, 12)
    assert not batch["segment_ids"].any()


def imported(model, **changes):
    return ImportedModel(changes.get("config", model.config), changes.get("weights", read_weights(model)), "x", "there")


def test_the_same_model_passes(model):
    assert require_same_model(model, imported(model)) == 0.0


def test_any_difference_is_refused(model, config):
    weights = read_weights(model)
    changed = {**weights, "pooler/bias": weights["pooler/bias"] + 1e-6}
    less = {name: value for name, value in weights.items() if name != "pooler/bias"}
    for other, message in (
        (imported(model, weights=changed), "there: weights read back differ: pooler/bias"),
        (imported(model, weights=less), "there: other weights read back than written"),
        (imported(model, config=dataclasses.replace(config, layer_norm_eps=1e-5)), "there: config read back as"),
    ):
        with pytest.raises(ExportMismatchError, match=message):
            require_same_model(model, other)


def test_logits_are_without_dropout(config, scaled):
    dropped = scaled(dataclasses.replace(config, hidden_dropout_prob=0.5))
    plain = scaled(dataclasses.replace(config, hidden_dropout_prob=0.0))
    batch = probe_batch(config)
    ours, theirs = logits(dropped, batch), logits(plain, batch)
    assert set(ours) == {"mlm_logits", "nsp_logits"}
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name])


def test_how_close_is_close():
    values = {"a": np.array([0.0, 100.0])}
    assert require_close(values, {"a": np.array([0.0009, 100.0])}, "x") == pytest.approx(0.0009)
    for found in (np.array([0.0011, 100.0]), np.array([np.nan, 100.0])):
        with pytest.raises(ExportMismatchError, match="x: a differ by"):
            require_close(values, {"a": found}, "x")
    assert require_close({}, {}, "x") == 0.0
