"""Run by test_parallel.py with eight virtual devices: the same run on one and on eight, results to a file.

With a second argument K, this is process K of two with four devices each, connected to each other.
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


def results(devices, output):
    import numpy as np
    import tiny_run

    from trainer.devices.runtime import JaxRuntime
    from trainer.plans.reading import plan_from_toml

    plan = plan_from_toml(TEXT, "parallel.toml")
    runtime = JaxRuntime(devices)
    data = tiny_run.synthetic_data(plan, change=uneven)
    loop = tiny_run.run(plan, output, data=data, runtime=runtime)
    weights = {v.path: np.asarray(v.value) for v in loop.model.trainable_variables}
    return {"weights": weights, "records": loop.records, "devices": runtime.device_count}


if __name__ == "__main__":
    file = Path(sys.argv[1])
    if len(sys.argv) > 2:
        from trainer.devices.runtime import join_hosts

        join_hosts()
        import jax

        found = {"hosts": results(jax.devices(), file.parent / "hosts")}
        if jax.process_index() == 0:
            file.write_bytes(pickle.dumps(found))
    else:
        import jax

        both = {n: results(jax.devices()[:n], file.parent / str(n)) for n in (1, 8)}
        file.write_bytes(pickle.dumps(both))
