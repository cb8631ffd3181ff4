"""Run by test_parallel.py with eight virtual devices: the same run on one and on eight, results to a file.

With a second argument K, this is process K of two with four devices each, connected to each other. They also train
a wider network with sharded moments, stop in the middle, and go on.
"""

import pickle
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

TEXT = """
name = "parallel"
log_every = 1
guard = { on_spike = "ignore" }
[[phase]]
name = "only"
sequence_length = 8
max_predictions = 2
batch = 32
steps = 6
accumulation = 2
learning_rate = { peak = 1e-2, warmup_steps = 2 }
optimizer = { clip_norm = 0.5 }
evaluation = { batches = 1 }
"""


def uneven(step, batch):
    """Predictions pile up in the first rows, so that a mean of per-device means would be another number."""
    batch["masked_lm_weights"][4:, 1:] = 0.0
    batch["masked_lm_weights"][-8:] = 0.0
    return batch


WIDE = {"vocab_size": 131, "hidden_size": 128, "intermediate_size": 128}
"""Of a network whose moments are large enough to be sharded, the word table with padding."""


def results(devices, output, *, wide=False, sharded=False, stop_at=0):
    import numpy as np
    import tiny_run

    from trainer.devices.runtime import JaxRuntime
    from trainer.plans.reading import plan_from_toml

    plan = plan_from_toml(TEXT, "parallel.toml")
    runtime = JaxRuntime(devices, shard_moments=sharded)
    sizes = WIDE if wide else {}
    data = tiny_run.synthetic_data(plan, {**tiny_run.TINY, **sizes}["vocab_size"], change=uneven)
    for last_step in (stop_at, 0) if stop_at else (0,):
        model = tiny_run.tiny_model(**sizes)
        loop = tiny_run.run(plan, output, model=model, data=data, runtime=runtime, last_step=last_step)
    weights = {v.path: np.asarray(v.value) for v in loop.model.trainable_variables}
    return {"weights": weights, "records": loop.records, "devices": runtime.device_count}


if __name__ == "__main__":
    file = Path(sys.argv[1])
    if len(sys.argv) > 2:
        from trainer.devices.runtime import join_hosts

        join_hosts()
        import jax

        found = {"hosts": results(jax.devices(), file.parent / "hosts")}
        found["sharded"] = results(jax.devices(), file.parent / "sharded", wide=True, sharded=True, stop_at=3)
        if jax.process_index() == 0:
            file.write_bytes(pickle.dumps(found))
    else:
        import jax

        every = {n: results(jax.devices()[:n], file.parent / str(n)) for n in (1, 8)}
        every["wide"] = results(jax.devices()[:1], file.parent / "wide", wide=True)
        file.write_bytes(pickle.dumps(every))
