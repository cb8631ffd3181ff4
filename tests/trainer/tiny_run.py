"""A tiny BERT and batches made from (seed, step), for tests of everything around the model."""

import numpy as np

TINY = {
    "vocab_size": 64,
    "hidden_size": 32,
    "num_hidden_layers": 1,
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
    places = np.tile(np.arange(1, max(length // 2, predictions + 1)), (rows, 1))
    positions = np.sort(generator.permuted(places, axis=1)[:, :predictions])
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


def synthetic_data(plan, vocab_size=TINY["vocab_size"], evaluation_batches=2, change=None):
    """Data of every phase of a plan, as the loop takes it; `change(data step, batch)` may spoil a batch."""
    from trainer.training.loop_state import PhaseData

    def of(phase):
        def train(step):
            while True:
                batch = make_batch(plan.seed, step, phase.batch, phase.sequence_length, phase.predictions, vocab_size)
                yield change(step, batch) if change else batch
                step += 1

        def evaluation():
            for step in range(evaluation_batches):
                yield make_batch(10**6, step, 8, phase.sequence_length, phase.predictions, vocab_size)

        return PhaseData(train=train, evaluation=evaluation if phase.evaluation.batches else None)

    return [of(phase) for phase in plan.phases]


def tiny_model(seed=0, **changes):
    """A BERT of one layer with 32 units."""
    from trainer.model.bert import build_pretrainer
    from trainer.model.config import BertConfig

    return build_pretrainer(BertConfig(**{**TINY, **changes}), compute_dtype="float32", seed=seed)


def tiny_plan(text="", log_every=1):
    """Two phases, 12 and 8 updates, of other lengths and optimizers, with accumulation in the first; plus `text`."""
    from trainer.plans.reading import plan_from_toml

    return plan_from_toml(
        f"""
        name = "tiny"
        log_every = {log_every}
        model = {{ compute_dtype = "float32" }}
        """
        + text
        + """
        [[phase]]
        name = "short"
        sequence_length = 8
        max_predictions = 2
        batch = 8
        steps = 12
        accumulation = 2
        learning_rate = { peak = 1e-2, warmup_steps = 4 }
        [[phase]]
        name = "long"
        sequence_length = 16
        max_predictions = 3
        batch = 4
        steps = 8
        learning_rate = { peak = 1e-2, decay = "linear" }
        optimizer = { name = "adamw" }
        """,
        "tiny.toml",
    )


def work_of(plan, data):
    """What each phase of a plan does: pretraining on `data`, with the optimizer that it asks for."""
    from trainer.optim.optimizers import optimizer_of
    from trainer.tasks.pretraining import pretraining_of
    from trainer.training.loop_state import PhaseWork

    phases = zip(plan.phases, data, strict=True)
    return [PhaseWork(pretraining_of(phase), optimizer_of(phase.optimizer), each) for phase, each in phases]


def run(plan, output, *, model=None, data=None, work=None, runtime=None, **options):
    """Run the loop, by default pretraining on synthetic data; returns the loop."""
    from trainer.devices.runtime import current_runtime
    from trainer.training.loop import Loop
    from trainer.training.loop_state import LoopOptions

    options = LoopOptions(**{"tensorboard": False, **options})
    model = tiny_model() if model is None else model
    work = work or work_of(plan, synthetic_data(plan) if data is None else data)
    loop = Loop(plan, model, work, runtime or current_runtime(), str(output), options)
    loop.run()
    return loop
