"""Updates with sharded moments and without, on eight virtual devices.

Run by devices/test_moment_shards.py with a folder for runs and the name of the file for the results of `main`, a pickle.
"""

import dataclasses
import pickle
import shutil
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

STEPS, ROWS, LENGTH, MICRO_BATCHES = 4, 32, 8, 2
SIZES = {"vocab_size": 131, "hidden_size": 128, "intermediate_size": 128}
"""The word table is cut along its rows with padding, kernels along other axes, and vectors stay whole."""

CASES = {  # optimizer, changes of the network, precision of the model, precision of the sums, stages of the exchange
    "lamb": ("lamb", {}, "float32", "float32", (8,)),
    "adamw, shared layers, in stages": (
        "adamw",
        {"share_layers": True, "num_hidden_layers": 2},
        "float32",
        "float32",
        (2, 4),
    ),
    "lamb, bfloat16, in stages": ("lamb", {}, "bfloat16", "bfloat16", (2, 2, 2)),
}

PLAN = """
name = "sharded"
log_every = 1
guard = {{ on_spike = "ignore" }}
model = {{ compute_dtype = "float32", shard_moments = {shard} }}
[[phase]]
name = "only"
sequence_length = 8
max_predictions = 2
batch = 32
steps = 6
accumulation = 2
learning_rate = {{ peak = 1e-2, warmup_steps = 2 }}
optimizer = {{ clip_norm = 0.5 }}
evaluation = {{ batches = 0 }}
"""


def model_of(changes, compute_dtype="float32"):
    from tiny_run import TINY

    from trainer.model.bert import build_pretrainer
    from trainer.model.config import BertConfig

    return build_pretrainer(BertConfig(**{**TINY, **SIZES, **changes}), compute_dtype=compute_dtype, seed=0)


def batch_of(step):
    """Predictions pile up in the first rows, so that devices have gradients of very different sizes."""
    from tiny_run import make_batch

    batch = make_batch(3, step, ROWS, LENGTH, 2, SIZES["vocab_size"])
    batch["masked_lm_weights"][4:, 1:] = 0.0
    batch["masked_lm_weights"][-8:] = 0.0
    return batch


def updates(case, *, sharded):
    """Figures and final state of the first updates, bytes on each device, and what the devices send each other."""
    import jax
    import numpy as np

    from trainer.compilation.hlo import collectives
    from trainer.devices.device_sum import over_devices
    from trainer.devices.moment_shards import MomentShards
    from trainer.devices.runtime import JaxRuntime, to_host
    from trainer.optim.exclusions import rules_by_layer_type
    from trainer.optim.optimizers import optimizer_of
    from trainer.plans.settings import OptimizerSettings
    from trainer.tasks.pretraining import pretraining
    from trainer.training.sharded_update import sharded_update
    from trainer.training.step import initial_state, make_train_step

    name, changes, compute_dtype, reduce_dtype, stages = CASES[case]
    runtime, model = JaxRuntime(shard_moments=sharded), model_of(changes, compute_dtype)
    if sharded:
        runtime.shards = MomentShards(runtime.mesh, stages)
    optimizer = optimizer_of(OptimizerSettings(name=name, clip_norm=0.5))
    update, share = sharded_update(optimizer, runtime), over_devices(runtime, reduce_dtype)
    step = make_train_step(model, pretraining(1.0), update, rules_by_layer_type(model), share)
    state = runtime.put_state(initial_state(model, optimizer))
    compiled, figures = None, []
    for index in range(STEPS):
        arguments = (state, runtime.put_batch(batch_of(index), MICRO_BATCHES), runtime.put_scalar(0.01))
        compiled = compiled or runtime.compile_step(step, state).lower(*arguments).compile()
        state, metrics = compiled(*arguments)
        figures.append(to_host(metrics))
    moments = [*state["optimizer"]["first_moment"].items(), *state["optimizer"]["second_moment"].items()]
    on_devices = [
        (path, value.size, [shard.data.size for shard in value.addressable_shards]) for path, value in moments
    ]
    return {
        "figures": figures,
        "state": jax.tree.map(np.array, runtime.whole_state(state)),
        "on_devices": on_devices,
        "sent": [dataclasses.asdict(one) for one in collectives(compiled.as_text(), MICRO_BATCHES)],
    }


def run(output, devices, *, sharded, last_step=0):
    """A launch of a run; its weights afterwards."""
    import jax
    import numpy as np
    import tiny_run

    from trainer.devices.runtime import JaxRuntime
    from trainer.plans.reading import plan_from_toml

    plan = plan_from_toml(PLAN.format(shard=str(sharded).lower()), "sharded.toml")
    runtime = JaxRuntime(jax.devices()[:devices], shard_moments=plan.model.shard_moments)
    data = tiny_run.synthetic_data(plan, SIZES["vocab_size"])
    loop = tiny_run.run(plan, output, model=model_of({}), data=data, runtime=runtime, last_step=last_step)
    return {variable.path: np.asarray(variable.value) for variable in loop.model.trainable_variables}


def stored(output):
    """The state in the newest checkpoint."""
    from trainer.run.checkpoint import Checkpoints

    checkpoints = Checkpoints(str(output))
    state, _ = checkpoints._read(checkpoints.latest())
    checkpoints.close()
    return state


def main(folder):
    """Updates of every case, and the weights of runs that stopped in the middle and went on in another way."""
    cases = {case: {sharded: updates(case, sharded=sharded) for sharded in (False, True)} for case in CASES}
    runs = {"undisturbed": run(folder / "undisturbed", 8, sharded=True)}
    run(folder / "resumed", 8, sharded=True, last_step=3)
    shutil.copytree(folder / "resumed", folder / "four devices")
    shutil.copytree(folder / "resumed", folder / "switched off")
    run(folder / "switched on", 1, sharded=False, last_step=3)
    halfway = {name: stored(folder / name) for name in ("resumed", "switched on")}
    for name, devices, sharded in (
        ("resumed", 8, True),
        ("four devices", 4, True),
        ("switched off", 2, False),
        ("switched on", 8, True),
    ):
        runs[name] = run(folder / name, devices, sharded=sharded)
    return {"cases": cases, "runs": runs, "halfway": halfway}


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(pickle.dumps(main(Path(sys.argv[1]))))
