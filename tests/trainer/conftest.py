"""A tiny BERT and batches made from (seed, step), for tests of everything around the model."""

import numpy as np
import pytest

TINY = {
    "vocab_size": 64,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 32,
}


def make_batch(seed, step, rows, length, predictions, vocab_size=TINY["vocab_size"]):
    """One global batch as trainer/data gives it; the pieces at masked positions follow from their neighbours."""
    generator = np.random.default_rng([seed, step])
    ids = generator.integers(5, vocab_size, (rows, length))
    lengths = generator.integers(length // 2, length + 1, rows)
    mask = np.arange(length) < lengths[:, None]
    positions = np.sort(generator.permuted(np.tile(np.arange(1, length // 2), (rows, 1)), axis=1)[:, :predictions])
    weights = np.arange(predictions) < generator.integers(1, predictions + 1, rows)[:, None]
    labels = 5 + (np.take_along_axis(ids, positions - 1, axis=1) * 7) % (vocab_size - 5)
    np.put_along_axis(ids, positions, 4, axis=1)
    batch = {
        "input_ids": ids * mask,
        "input_mask": mask,
        "segment_ids": (np.arange(length) >= length // 3) * mask,
        "masked_lm_positions": positions * weights,
        "masked_lm_ids": labels * weights,
        "next_sentence_labels": generator.integers(0, 2, rows),
    }
    return {name: value.astype(np.int32) for name, value in batch.items()} | {
        "masked_lm_weights": weights.astype(np.float32)
    }


def synthetic_data(plan, vocab_size=TINY["vocab_size"], evaluation_batches=2):
    """Data of every phase of a plan, as the loop takes it."""
    from trainer.loop import PhaseData

    def of(phase):
        def train(step):
            while True:
                yield make_batch(plan.seed, step, phase.batch, phase.sequence_length, phase.predictions, vocab_size)
                step += 1

        def evaluation():
            for step in range(evaluation_batches):
                yield make_batch(10**6, step, 4, phase.sequence_length, phase.predictions, vocab_size)

        return PhaseData(train=train, evaluation=evaluation if phase.evaluation.batches else None)

    return [of(phase) for phase in plan.phases]


def tiny_model(seed=0, **changes):
    """A BERT of two layers with 32 units."""
    from trainer.model.bert import build_pretrainer
    from trainer.model.config import BertConfig

    return build_pretrainer(BertConfig(**{**TINY, **changes}), compute_dtype="float32", seed=seed)


@pytest.fixture(name="tiny_model")
def tiny_model_fixture():
    return tiny_model


@pytest.fixture(name="make_batch")
def make_batch_fixture():
    return make_batch


@pytest.fixture(name="synthetic_data")
def synthetic_data_fixture():
    return synthetic_data
