"""Without parts an optimizer is itself; what it does with parts is seen in tests/trainer/devices/test_moment_shards.py."""

from trainer.devices.runtime import JaxRuntime, TensorFlowRuntime
from trainer.optim.optimizers import optimizer_of
from trainer.plans.settings import OptimizerSettings
from trainer.training.sharded_update import sharded_update


def test_one_device_has_all_moments():
    optimizer = optimizer_of(OptimizerSettings())
    one = JaxRuntime(JaxRuntime().devices[:1], shard_moments=True)
    for runtime in (one, JaxRuntime(), TensorFlowRuntime()):
        assert runtime.shards is None
        assert sharded_update(optimizer, runtime) is optimizer


def test_with_parts_only_the_update_differs():
    runtime = JaxRuntime(JaxRuntime().devices[:1] * 2, shard_moments=True)
    optimizer = optimizer_of(OptimizerSettings(clip_norm=0.5))
    sharded = sharded_update(optimizer, runtime)
    assert sharded.update is not optimizer.update
    assert (sharded.initial_state, sharded.clip_norm) == (optimizer.initial_state, 0.5)
