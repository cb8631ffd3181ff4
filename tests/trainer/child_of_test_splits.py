"""Losses of a few updates with dropout on, for any number of devices and micro batches; run by test_splits.py.

child_of_test_splits.py FILE   with eight virtual devices: {case: {split: [(loss, gradient norm), ...]}} to a pickle
"""

import pickle
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

STEPS, ROWS, LENGTH = 3, 32, 8
CASES = {  # optimizer, whether rows are packed, and the splits: devices, micro batches
    "lamb, packed rows": ("lamb", True, ((1, 1), (8, 1), (8, 4))),
    "adamw, next sentence": ("adamw", False, ((1, 1), (1, 4), (8, 2))),
}


def batch_of(step, packed):
    """Predictions pile up in the first rows, so that a mean of means would be another number."""
    import numpy as np
    from tiny_run import make_batch

    batch = make_batch(3, step, ROWS, LENGTH, 2)
    batch["masked_lm_weights"][4:, 1:] = 0.0
    batch["masked_lm_weights"][-8:] = 0.0
    if not packed:
        return batch
    half = LENGTH // 2
    place = np.tile(np.arange(LENGTH, dtype=np.int32), (ROWS, 1))
    return {
        **batch,
        "position_ids": place % half,
        "block_ids": (place // half + 1) * batch["input_mask"],
        "cls_positions": np.tile(np.array([0, half], np.int32), (ROWS, 1)),
        "next_sentence_labels": np.repeat(batch["next_sentence_labels"][:, None], 2, axis=1),
        "next_sentence_weights": batch["input_mask"][:, [0, half]].astype(np.float32),
    }


def losses(optimizer_name, packed, devices, micro_batches):
    """Losses and gradient norms of the first updates."""
    import jax
    from tiny_run import tiny_model

    from trainer.devices.runtime import JaxRuntime, to_host
    from trainer.optim.exclusions import rules_by_layer_type
    from trainer.optim.optimizers import optimizer_of
    from trainer.plans.settings import OptimizerSettings
    from trainer.tasks.pretraining import pretraining
    from trainer.training.step import initial_state, make_train_step

    runtime, model = JaxRuntime(jax.devices()[:devices]), tiny_model()
    optimizer = optimizer_of(OptimizerSettings(name=optimizer_name, clip_norm=0.5))
    step = runtime.compile_step(make_train_step(model, pretraining(1.0), optimizer, rules_by_layer_type(model)))
    state = runtime.put_state(initial_state(model, optimizer))
    found = []
    for index in range(STEPS):
        batch = runtime.put_batch(batch_of(index, packed), micro_batches)
        state, metrics = step(state, batch, runtime.put_scalar(0.01))
        metrics = to_host(metrics)
        found.append((metrics["loss"], metrics["gradient_norm"]))
    return found


if __name__ == "__main__":
    every = {
        case: {split: losses(optimizer, packed, *split) for split in splits}
        for case, (optimizer, packed, splits) in CASES.items()
    }
    Path(sys.argv[1]).write_bytes(pickle.dumps(every))
