"""Distillation as in DistilBERT (Sanh et al. 2019): predict masked pieces, as a teacher does and as the text says, with hidden
states in the direction of the teacher's.

The teacher sees the same rows with the same masks, without dropout. Its weights are an argument of the compiled step and not
a part of the state. Three losses are added, each times its weight in the plan:

    soft_loss   the Kullback-Leibler divergence of the student's predictions from the teacher's, both softened by the
                temperature T, times T squared (Hinton et al. 2015). It is the cross entropy without the teacher's own
                entropy, on which no gradient depends, so it is 0 for a student that predicts what its teacher does
    mlm_loss    the masked-LM loss
    cos_loss    1 minus the cosine of the last hidden states, over all pieces that are no padding

A batch has the fields of pretraining. Where hidden states alone are learned, those of the model suffice.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from trainer.model.config import BertConfig
from trainer.model.cross_entropy import cross_entropy
from trainer.model.size import HeadSize, encoder_flops_per_row, encoder_parameters, pretraining_heads
from trainer.model.states_and_logits import AT_MASKED, EVERYWHERE, LOGITS, NOWHERE, STATES, build_student
from trainer.plans.distillation import ALL, Distillation
from trainer.plans.plan import Phase
from trainer.tasks.losses import divisor
from trainer.tasks.task import Batch, Scalars, Task

INPUTS = ("input_ids", "input_mask", "segment_ids", "masked_lm_positions", "position_ids", "block_ids")
SUMS = (
    *("soft_loss", "soft_weight", "mlm_loss", "mlm_correct", "mlm_weight", "teacher_mlm_loss", "teacher_mlm_correct"),
    *("cos_loss", "instances", "tokens"),
)
FIGURES = ("loss", "soft_loss", "mlm_loss", "cos_loss", "mlm_accuracy", "teacher_mlm_loss", "teacher_mlm_accuracy")
_OF_STATES = ("cos_loss", "instances", "tokens")  # what is known where hidden states alone are learned
_TEACHER = "teacher_"  # before the names of the teacher's outputs in a batch


def where_logits(settings: Distillation) -> str:
    """Where the logits of student and teacher are computed."""
    if not settings.predicts:
        return NOWHERE
    return EVERYWHERE if settings.positions == ALL and settings.soft_weight else AT_MASKED


def distillation(settings: Distillation, teacher: keras.Model) -> Task:
    """The task of a student.

    Args:
        settings: of the plan.
        teacher: what `build_teacher` made, with the logits of `where_logits`. Its weights are not used: `targets` takes
            them, by the paths of the teacher's variables.
    """
    where = where_logits(settings)
    config: BertConfig = teacher.config

    def targets(frozen: Mapping[str, Any], rows: Batch) -> dict[str, Any]:
        outputs, _ = teacher.stateless_call(
            [frozen[variable.path] for variable in teacher.trainable_variables],
            [ops.zeros(variable.shape, variable.dtype) for variable in teacher.non_trainable_variables],
            {name: rows[name] for name in INPUTS if name in rows},
            training=False,
        )
        return {_TEACHER + name: value for name, value in outputs.items()}

    def sums(outputs: Mapping[str, Any], rows: Batch) -> dict[str, Any]:
        found = _states_sums(outputs, rows)
        return found if where == NOWHERE else _prediction_sums(outputs, rows, settings, where) | found

    def totals(batch: Batch) -> dict[str, Any]:
        found = {"tokens": ops.sum(ops.cast(batch["input_mask"], "float32"))}
        if where != NOWHERE:
            found["mlm_weight"] = ops.sum(ops.cast(batch["masked_lm_weights"], "float32"))
            found["soft_weight"] = found["tokens"] if where == EVERYWHERE else found["mlm_weight"]
        return found

    def loss(sums: Scalars, totals: Scalars) -> Any:
        total = settings.cos_weight * sums["cos_loss"] / divisor(totals["tokens"])
        if where != NOWHERE:
            total = total + settings.soft_weight * sums["soft_loss"] / divisor(totals["soft_weight"])
            total = total + settings.mlm_weight * sums["mlm_loss"] / divisor(totals["mlm_weight"])
        return total

    def means(sums: Scalars) -> dict[str, Any]:
        found = {"loss": loss(sums, sums), "cos_loss": sums["cos_loss"] / divisor(sums["tokens"])}
        if where == NOWHERE:
            return found
        masked = divisor(sums["mlm_weight"])
        return found | {
            "soft_loss": sums["soft_loss"] / divisor(sums["soft_weight"]),
            "mlm_loss": sums["mlm_loss"] / masked,
            "mlm_accuracy": sums["mlm_correct"] / masked,
            "teacher_mlm_loss": sums["teacher_mlm_loss"] / masked,
            "teacher_mlm_accuracy": sums["teacher_mlm_correct"] / masked,
        }

    return Task(
        inputs=INPUTS,
        sum_names=_OF_STATES if where == NOWHERE else SUMS,
        figures=("loss", "cos_loss") if where == NOWHERE else FIGURES,
        build=_builder(where),
        sums=sums,
        totals=totals,
        loss=loss,
        means=means,
        line=_states_line if where == NOWHERE else _line,
        head_size=lambda student, phase: distillation_heads(student, config, settings, phase),
        targets=targets,
    )


def distillation_heads(student: BertConfig, teacher: BertConfig, settings: Distillation, phase: Phase) -> HeadSize:
    """What student and teacher need beside the student's encoder: heads, and the teacher, which learns nothing."""
    places = {NOWHERE: 0, AT_MASKED: phase.predictions, EVERYWHERE: phase.sequence_length}[where_logits(settings)]
    heads, of_teacher = pretraining_heads(student, places), pretraining_heads(teacher, places)
    return HeadSize(
        parameters=heads.parameters,
        flops_per_row=heads.flops_per_row,
        # of both, and the softened probabilities of both
        logit_bytes_per_row=4 * heads.logit_bytes_per_row,
        whole_logits=True,
        frozen_parameters=encoder_parameters(teacher) + of_teacher.parameters,
        frozen_flops_per_row=encoder_flops_per_row(teacher, phase.sequence_length) + of_teacher.flops_per_row,
    )


def _builder(where: str) -> Callable[..., Any]:
    def build(config: BertConfig, **options: Any) -> Any:
        return build_student(config, where=where, **options)

    return build


def _states_sums(outputs: Mapping[str, Any], rows: Batch) -> dict[str, Any]:
    pieces = ops.cast(rows["input_mask"], "float32")
    student, teacher = (ops.cast(states, "float32") for states in (outputs[STATES], rows[_TEACHER + STATES]))
    return {
        "cos_loss": ops.sum((1.0 - _cosine(student, teacher)) * pieces),
        "instances": ops.sum(_instances(rows)),
        "tokens": ops.sum(pieces),
    }


def _prediction_sums(outputs: Mapping[str, Any], rows: Batch, settings: Distillation, where: str) -> dict[str, Any]:
    weights = ops.cast(rows["masked_lm_weights"], "float32")
    student, teacher = outputs[LOGITS], rows[_TEACHER + LOGITS]
    compared = ops.cast(rows["input_mask"], "float32") if where == EVERYWHERE else weights
    soft = _divergence(student, teacher, settings.temperature) * compared
    if where == EVERYWHERE:
        positions = rows["masked_lm_positions"][:, :, None]
        student, teacher = (ops.take_along_axis(logits, positions, axis=1) for logits in (student, teacher))
    loss, correct = cross_entropy(student, rows["masked_lm_ids"])
    teacher_loss, teacher_correct = cross_entropy(teacher, rows["masked_lm_ids"])
    return {
        "soft_loss": ops.sum(soft),
        "soft_weight": ops.sum(compared),
        "mlm_loss": ops.sum(loss * weights),
        "mlm_correct": ops.sum(correct * weights),
        "mlm_weight": ops.sum(weights),
        "teacher_mlm_loss": ops.sum(teacher_loss * weights),
        "teacher_mlm_correct": ops.sum(teacher_correct * weights),
    }


def _divergence(student: Any, teacher: Any, temperature: float) -> Any:
    """KL(teacher || student) of softened predictions, times the square of the temperature: [...] of logits [..., vocab]."""
    log_student, log_teacher = (ops.log_softmax(logits / temperature, axis=-1) for logits in (student, teacher))
    return ops.sum(ops.exp(log_teacher) * (log_teacher - log_student), axis=-1) * temperature**2


def _cosine(first: Any, second: Any) -> Any:
    """The cosine of vectors [..., units], 0 for a vector of zeros."""
    product = ops.sum(first * second, axis=-1)
    squares = ops.sum(ops.square(first), axis=-1) * ops.sum(ops.square(second), axis=-1)
    return product * ops.rsqrt(ops.maximum(squares, 1e-12))


def _instances(rows: Batch) -> Any:
    """The number of instances in each row, float32."""
    for name in ("weights", "next_sentence_weights"):
        if name in rows:
            return ops.cast(rows[name], "float32")
    return ops.ones(rows["input_ids"].shape[:1], "float32")


def _line(record: Mapping[str, float], digits: int) -> str:
    return (
        f"loss {record['loss']:.{digits}f} soft {record['soft_loss']:.{digits}f} mlm {record['mlm_loss']:.{digits}f} "
        f"cos {record['cos_loss']:.{digits}f} | acc mlm {record['mlm_accuracy']:.{digits}f} | "
        f"teacher mlm {record['teacher_mlm_loss']:.{digits}f} acc {record['teacher_mlm_accuracy']:.{digits}f}"
    )


def _states_line(record: Mapping[str, float], digits: int) -> str:
    return f"loss {record['loss']:.{digits}f} cos {record['cos_loss']:.{digits}f}"
