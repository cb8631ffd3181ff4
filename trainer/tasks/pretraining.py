"""Pretraining as in Devlin et al. (2018): predict masked pieces, and whether the second segment follows the first.

Besides the inputs of the model, a batch has `masked_lm_ids` and `masked_lm_weights` [rows, predictions], and
`next_sentence_labels` [rows], [rows, 1] or, if packed, [rows, documents]. `next_sentence_weights` has the same shape,
and may be omitted if all weights are 1. Every next-sentence label counts as one instance.
"""

import functools
from collections.abc import Mapping
from typing import Any

from keras import ops

from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from trainer.model.cross_entropy import cross_entropy
from trainer.model.size import HeadSize, pretraining_heads
from trainer.plans.plan import Phase, Plan
from trainer.tasks.losses import divisor
from trainer.tasks.task import Batch, Scalars, Task

INPUTS = (
    "input_ids",
    "input_mask",
    "segment_ids",
    "masked_lm_positions",
    "masked_lm_ids",
    "position_ids",
    "block_ids",
    "cls_positions",
)
SUMS = ("mlm_loss", "mlm_correct", "mlm_weight", "nsp_loss", "nsp_correct", "instances", "tokens")
FIGURES = {
    "loss": "loss",
    "mlm_loss": "masked-LM loss",
    "mlm_accuracy": "masked-LM accuracy",
    "nsp_loss": "next-sentence loss",
    "nsp_accuracy": "next-sentence accuracy",
}
"""The figures by their names in records, and what people call them."""


@functools.cache
def pretraining(next_sentence_weight: float) -> Task:
    """The task. `next_sentence_weight` is the factor of the second-segment loss; 0 for data without pairs."""

    def loss(sums: Scalars, totals: Scalars) -> Any:
        mlm_loss = sums["mlm_loss"] / divisor(totals["mlm_weight"])
        return mlm_loss + next_sentence_weight * sums["nsp_loss"] / divisor(totals["instances"])

    def means(sums: Scalars) -> dict[str, Any]:
        mlm_weight, instances = divisor(sums["mlm_weight"]), divisor(sums["instances"])
        mlm_loss, nsp_loss = sums["mlm_loss"] / mlm_weight, sums["nsp_loss"] / instances
        return {
            "loss": mlm_loss + next_sentence_weight * nsp_loss,
            "mlm_loss": mlm_loss,
            "mlm_accuracy": sums["mlm_correct"] / mlm_weight,
            "nsp_loss": nsp_loss,
            "nsp_accuracy": sums["nsp_correct"] / instances,
        }

    def line(record: Mapping[str, float], digits: int) -> str:
        return (_line if next_sentence_weight else _masked_lm_line)(record, digits)

    return Task(
        inputs=INPUTS,
        sum_names=SUMS,
        figures=tuple(FIGURES),
        build=build_pretrainer,
        sums=_sums,
        totals=_totals,
        loss=loss,
        means=means,
        line=line,
        head_size=_head_size,
    )


def pretraining_of(phase: Phase) -> Task:
    """The task of a phase of a plan. Phases with the same weights of their losses get the same object."""
    return pretraining(phase.next_sentence_weight)


def untrained_heads(plan: Plan) -> tuple[str, ...]:
    """The heads that a run of the plan never trains: without a second-segment loss, pooler and next-sentence head.

    If hidden states alone are distilled, it is the masked-LM head too.
    """
    if any(phase.next_sentence_weight for phase in plan.phases):
        return ()
    predicts = plan.distillation is None or plan.distillation.predicts
    heads = ("pooler", "next_sentence") if predicts else ("pooler", "masked_lm", "next_sentence")
    return tuple(head for head in heads if not plan.init.checkpoint or head in plan.init.allow_missing)


def figures_on_card(plan: Plan) -> tuple[str, ...]:
    """The figures that the model card of an export tells: of heads that a run of the plan trains."""
    predicts = "masked_lm" not in untrained_heads(plan)
    pairs = any(phase.next_sentence_weight for phase in plan.phases)
    return ("mlm_accuracy", "mlm_loss") * predicts + ("nsp_accuracy", "nsp_loss") * pairs


def _sums(outputs: Mapping[str, Any], rows: Batch) -> dict[str, Any]:
    mlm_weights = ops.cast(rows["masked_lm_weights"], "float32")
    nsp_logits = outputs["nsp_logits"]
    nsp_loss, nsp_correct = cross_entropy(nsp_logits, ops.reshape(rows["next_sentence_labels"], nsp_logits.shape[:-1]))
    nsp_weights = ops.reshape(_next_sentence_weights(rows), nsp_logits.shape[:-1])
    values = (
        ops.sum(outputs["mlm_loss"] * mlm_weights),
        ops.sum(outputs["mlm_correct"] * mlm_weights),
        ops.sum(mlm_weights),
        ops.sum(nsp_loss * nsp_weights),
        ops.sum(nsp_correct * nsp_weights),
        ops.sum(nsp_weights),
        ops.sum(ops.cast(rows["input_mask"], "float32")),
    )
    return dict(zip(SUMS, values, strict=True))


def _totals(batch: Batch) -> dict[str, Any]:
    return {
        "mlm_weight": ops.sum(ops.cast(batch["masked_lm_weights"], "float32")),
        "instances": ops.sum(_next_sentence_weights(batch)),
    }


def _next_sentence_weights(batch: Batch) -> Any:
    if "next_sentence_weights" in batch:
        return ops.cast(batch["next_sentence_weights"], "float32")
    return ops.ones(batch["next_sentence_labels"].shape, "float32")


def _line(record: Mapping[str, float], digits: int) -> str:
    return (
        f"loss {record['loss']:.{digits}f} mlm {record['mlm_loss']:.{digits}f} nsp {record['nsp_loss']:.{digits}f} | "
        f"acc mlm {record['mlm_accuracy']:.{digits}f} nsp {record['nsp_accuracy']:.{digits}f}"
    )


def _masked_lm_line(record: Mapping[str, float], digits: int) -> str:
    """The line of a phase that trains no next-sentence head: the figures of that head would say nothing."""
    return f"loss {record['loss']:.{digits}f} | acc mlm {record['mlm_accuracy']:.{digits}f}"


def _head_size(config: BertConfig, phase: Phase) -> HeadSize:
    return pretraining_heads(config, phase.predictions)
