"""A task and an optimizer that the package does not have, as somebody would add them: a text is classified, by weights that
an optimizer with a factored second moment moves (after Adafactor, Shazeer and Stern 2018).
"""

import keras
import numpy as np
from keras import ops

from trainer.model.attention.kernel import EINSUM
from trainer.model.bert_encoder import BertEncoder
from trainer.model.cross_entropy import cross_entropy
from trainer.model.encoder_with_heads import build_with_heads
from trainer.model.size import HeadSize
from trainer.optim.optimizer import Optimizer
from trainer.tasks.losses import divisor
from trainer.tasks.task import Task
from trainer.training.loop_state import PhaseData

CLASSES = 3
SIGNS = (10, 11, 12)  # the first piece of a text tells its class


def build(config, *, compute_dtype="float32", rematerialise=False, seed=0, attention=EINSUM):
    def logits(encoder, heads, inputs, training):
        pooled = encoder.pooled_output(encoder.sequence_output(inputs, training))
        return {"logits": heads["classifier"](ops.cast(pooled, "float32"))}

    encoder = BertEncoder(config, compute_dtype, rematerialise, attention=attention)
    heads = {"classifier": keras.layers.Dense(CLASSES, dtype="float32", name="classifier")}
    return build_with_heads(encoder, heads, logits, seed)


def sums(outputs, rows):
    loss, correct = cross_entropy(outputs["logits"], rows["labels"])
    return {
        "loss": ops.sum(loss * rows["weights"]),
        "correct": ops.sum(correct * rows["weights"]),
        "instances": ops.sum(rows["weights"]),
        "tokens": ops.sum(ops.cast(rows["input_mask"], "float32")),
    }


SENTIMENT = Task(
    inputs=("input_ids", "input_mask", "segment_ids"),
    sum_names=("loss", "correct", "instances", "tokens"),
    figures=("loss", "accuracy"),
    build=build,
    sums=sums,
    totals=lambda batch: {"instances": ops.sum(batch["weights"])},
    loss=lambda sums, totals: sums["loss"] / divisor(totals["instances"]),
    means=lambda sums: {
        name: sums[key] / divisor(sums["instances"]) for name, key in (("loss", "loss"), ("accuracy", "correct"))
    },
    line=lambda record, digits: f"loss {record['loss']:.{digits}f} | acc {record['accuracy']:.{digits}f}",
    head_size=lambda config, phase: HeadSize(
        CLASSES * (config.hidden_size + 1), 2 * CLASSES * config.hidden_size, 8 * CLASSES
    ),
)


def make_batch(seed, step, rows, length):
    generator = np.random.default_rng([seed, step])
    ids = generator.integers(20, 64, (rows, length)).astype(np.int32)
    labels = generator.integers(0, CLASSES, rows).astype(np.int32)
    ids[:, 0] = np.array(SIGNS)[labels]
    zeros, ones = np.zeros_like(ids), np.ones_like(ids)
    weights = np.ones(rows, np.float32)
    return {"input_ids": ids, "input_mask": ones, "segment_ids": zeros, "labels": labels, "weights": weights}


def data_of(plan):
    def of(phase):
        def train(step):
            while True:
                yield make_batch(plan.seed, step, phase.batch, phase.sequence_length)
                step += 1

        def evaluation():
            for step in range(4):
                yield make_batch(10**6, step, 8, phase.sequence_length)

        return PhaseData(train=train, evaluation=evaluation)

    return [of(phase) for phase in plan.phases]


def factored(clip_norm=1.0, decay=0.9):
    """The mean square of a matrix's gradient is kept as one number for each row and one for each column."""

    def initial_state(shapes):
        matrices = {path: shape for path, shape in shapes.items() if len(shape) == 2}
        return {
            "rows": {path: np.zeros(shape[0], np.float32) for path, shape in matrices.items()},
            "columns": {path: np.zeros(shape[1], np.float32) for path, shape in matrices.items()},
            "vectors": {path: np.zeros(shape, np.float32) for path, shape in shapes.items() if path not in matrices},
            "count": np.zeros((), np.int32),
        }

    def update(weights, gradients, state, *, learning_rate, rules):
        count = state["count"] + 1
        unbiased = 1 - decay ** ops.cast(count, "float32")
        new, after = {}, {"rows": {}, "columns": {}, "vectors": {}, "count": count}
        for path, weight in weights.items():
            square = ops.square(gradients[path]) + 1e-12
            if path in state["vectors"]:
                mean = after["vectors"][path] = decay * state["vectors"][path] + (1 - decay) * square
            else:
                rows = after["rows"][path] = decay * state["rows"][path] + (1 - decay) * ops.mean(square, axis=1)
                columns = decay * state["columns"][path] + (1 - decay) * ops.mean(square, axis=0)
                after["columns"][path] = columns
                mean = rows[:, None] * columns[None, :] / ops.mean(rows)
            new[path] = weight - learning_rate * gradients[path] / (ops.sqrt(mean / unbiased) + 1e-4)
        return new, after, {"count_min": ops.cast(count, "float32"), "count_max": ops.cast(count, "float32")}

    return Optimizer(initial_state, update, bytes_per_weight=0.2, clip_norm=clip_norm)
