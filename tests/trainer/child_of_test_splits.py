"""A few updates with dropout on, for any number of devices and micro batches, with eight virtual devices.

Run by test_splits.py with the name of the file for the results of `main`, a pickle.
"""

import dataclasses
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


def updates(optimizer_name, packed, devices, micro_batches):
    """Losses and gradient norms of the first updates, and what the devices send each other in one of them."""
    import jax
    from tiny_run import tiny_model

    from trainer.compilation.hlo import collectives
    from trainer.devices.device_sum import over_devices
    from trainer.devices.runtime import JaxRuntime, to_host
    from trainer.optim.exclusions import rules_by_layer_type
    from trainer.optim.optimizers import optimizer_of
    from trainer.plans.settings import OptimizerSettings
    from trainer.tasks.pretraining import pretraining
    from trainer.training.step import initial_state, make_train_step

    runtime, model = JaxRuntime(jax.devices()[:devices]), tiny_model()
    optimizer = optimizer_of(OptimizerSettings(name=optimizer_name, clip_norm=0.5))
    step = make_train_step(model, pretraining(1.0), optimizer, rules_by_layer_type(model), over_devices(runtime))
    compiled = None
    state = runtime.put_state(initial_state(model, optimizer))
    found = []
    for index in range(STEPS):
        batch = runtime.put_batch(batch_of(index, packed), micro_batches)
        arguments = (state, batch, runtime.put_scalar(0.01))
        compiled = compiled or runtime.compile_step(step).lower(*arguments).compile()
        state, metrics = compiled(*arguments)
        metrics = to_host(metrics)
        found.append((metrics["loss"], metrics["gradient_norm"]))
    sent = [dataclasses.asdict(one) for one in collectives(compiled.as_text(), micro_batches)]
    return {"losses": found, "sent": sent, "weights": model.count_params()}


def added(dtype):
    """The sum over eight devices of 1 + 2**-10, which bfloat16 rounds to 1, once as a gradient and once as a sum."""
    import jax
    import numpy as np

    from trainer.devices.device_sum import over_devices
    from trainer.devices.runtime import JaxRuntime

    def local(shared, batch):
        value = batch["x"].sum() + shared["zero"]
        return {"x": value}, {"x": value}, shared

    runtime = JaxRuntime()
    whole = jax.jit(over_devices(runtime, dtype)(local))
    batch = runtime.put_batch({"x": np.full(8, 1 + 2.0**-10, np.float32)}, 1)
    gradients, sums, _ = jax.device_get(whole({"zero": np.float32(0)}, batch))
    return {"gradient": gradients["x"], "sum": sums["x"]}


def main():
    """{case: {split: updates}}, and the sums in both precisions."""
    every = {
        case: {split: updates(optimizer, packed, *split) for split in splits}
        for case, (optimizer, packed, splits) in CASES.items()
    }
    return {"cases": every, "added": {dtype: added(dtype) for dtype in ("float32", "bfloat16")}}


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(pickle.dumps(main()))
