"""The pretraining task on numbers that can be added up by hand; its gradients are tested with the step."""

import dataclasses

import numpy as np
import pytest
from tiny_run import tiny_plan

from trainer.model.config import BertConfig
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate
from trainer.tasks.pretraining import (
    FIGURES,
    INPUTS,
    SUMS,
    figures_on_card,
    pretraining,
    pretraining_of,
    untrained_heads,
)

PHASE = Phase("p", 16, 4, 10, LearningRate(1e-4), max_predictions=3)
ROWS = {
    "input_mask": np.array([[1, 1, 1, 0], [1, 1, 0, 0]]),
    "masked_lm_ids": np.array([[2, 0], [1, 0]]),
    "masked_lm_weights": np.array([[1.0, 1.0], [1.0, 0.0]], np.float32),
    "next_sentence_labels": np.array([0, 1]),
}
OUTPUTS = {
    "mlm_loss": np.log(np.array([[2, 4], [2, 9]], np.float32)),
    "mlm_correct": np.array([[1, 0], [1, 1]], np.float32),
    "nsp_logits": np.log(np.array([[3, 1], [3, 1]], np.float32) / 4),
}


def floats(values):
    return {name: float(value) for name, value in values.items()}


def test_the_names_are_those_of_records_and_models():
    assert INPUTS == (
        "input_ids",
        "input_mask",
        "segment_ids",
        "masked_lm_positions",
        "masked_lm_ids",
        "position_ids",
        "block_ids",
        "cls_positions",
    )
    assert list(FIGURES) == ["loss", "mlm_loss", "mlm_accuracy", "nsp_loss", "nsp_accuracy"]
    assert {"instances", "tokens"} <= set(SUMS)


def test_sums_count_what_has_a_weight():
    sums = floats(pretraining(1.0).sums(OUTPUTS, ROWS))
    assert tuple(sums) == SUMS
    assert sums == pytest.approx(
        {
            "mlm_loss": 2 * np.log(2) + np.log(4),
            "mlm_correct": 2,
            "mlm_weight": 3,
            "nsp_loss": np.log(4 / 3) + np.log(4),
            "nsp_correct": 1,
            "instances": 2,
            "tokens": 5,
        },
        rel=1e-6,
    )
    assert floats(pretraining(1.0).totals(ROWS)) == {"mlm_weight": 3, "instances": 2}


def test_labels_of_empty_rows_count_for_nothing():
    weighted = {**ROWS, "next_sentence_weights": np.array([1.0, 0.0], np.float32)}
    sums = floats(pretraining(1.0).sums(OUTPUTS, weighted))
    assert (sums["instances"], sums["nsp_correct"]) == (1, 1)
    assert sums["nsp_loss"] == pytest.approx(np.log(4 / 3), rel=1e-6)
    assert floats(pretraining(1.0).totals(weighted))["instances"] == 1


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_means_and_loss_weigh_the_second_segment(weight):
    task = pretraining(weight)
    sums = {name: value + 0.0 for name, value in zip(SUMS, (6, 2, 3, 8, 1, 2, 9), strict=True)}
    means = task.means(sums)
    assert tuple(means) == task.figures
    assert means == {
        "loss": 2 + weight * 4,
        "mlm_loss": 2,
        "mlm_accuracy": pytest.approx(2 / 3),
        "nsp_loss": 4,
        "nsp_accuracy": 0.5,
    }
    assert task.loss(sums, sums) == means["loss"]
    halves = {**sums, "mlm_loss": 3.0, "nsp_loss": 4.0}
    assert task.loss(halves, sums) == means["loss"] / 2, "the loss of a micro batch is its share of the batch's"


def test_a_line_names_the_figures():
    record = {"loss": 3.14159, "mlm_loss": 2.5, "mlm_accuracy": 0.25, "nsp_loss": 0.625, "nsp_accuracy": 0.5}
    assert pretraining(1.0).line(record, 3) == "loss 3.142 mlm 2.500 nsp 0.625 | acc mlm 0.250 nsp 0.500"
    assert pretraining(1.0).line(record, 4) == "loss 3.1416 mlm 2.5000 nsp 0.6250 | acc mlm 0.2500 nsp 0.5000"
    assert pretraining(0.0).line(record, 3) == "loss 3.142 | acc mlm 0.250", "no figures of a head that is not trained"


def test_phases_that_weigh_alike_share_a_task():
    """Otherwise they would be compiled twice."""
    assert pretraining_of(PHASE) is pretraining_of(dataclasses.replace(PHASE, name="q", batch=8))
    assert pretraining_of(PHASE) is not pretraining_of(dataclasses.replace(PHASE, next_sentence_weight=0.5))


def test_the_heads_are_computed_at_the_predictions_of_the_phase():
    size = pretraining_of(PHASE).head_size(BertConfig(vocab_size=100, hidden_size=8, num_attention_heads=2), PHASE)
    assert size.parameters == (8 * 8 + 8 + 2 * 8 + 100) + (2 * 8 + 2)
    assert size.flops_per_row == 2 * (3 * (8 * 8 + 8 * 100) + 2 * 8)
    assert size.logit_bytes_per_row == 4 * 3 * 100


def plan_with(weight, checkpoint="", allow_missing=()):
    plan = tiny_plan()
    init = dataclasses.replace(plan.init, checkpoint=checkpoint, allow_missing=allow_missing)
    phases = [dataclasses.replace(phase, next_sentence_weight=weight) for phase in plan.phases]
    return dataclasses.replace(plan.with_phases(phases), init=init)


@pytest.mark.parametrize(
    ("plan", "heads"),
    [
        (plan_with(1.0), ()),
        (plan_with(0.0), ("pooler", "next_sentence")),
        (plan_with(0.0, "a checkpoint"), ()),
        (plan_with(0.0, "a checkpoint", ("next_sentence",)), ("next_sentence",)),
        (plan_with(0.5, "a checkpoint", ("next_sentence",)), ()),
    ],
)
def test_heads_that_got_no_gradient(plan, heads):
    assert untrained_heads(plan) == heads


def test_the_card_tells_of_heads_that_are_trained():
    pairs = ("nsp_accuracy", "nsp_loss")
    assert figures_on_card(plan_with(1.0)) == ("mlm_accuracy", "mlm_loss", *pairs)
    assert figures_on_card(plan_with(0.0)) == ("mlm_accuracy", "mlm_loss")


def test_one_phase_with_the_task_is_enough():
    plan = plan_with(0.0)
    first = dataclasses.replace(plan.phases[0], next_sentence_weight=1.0)
    assert untrained_heads(plan.with_phases([first, plan.phases[1]])) == ()
