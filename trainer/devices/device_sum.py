"""Computes something on every device from its own rows of a batch, and adds up the results of all devices once.

A step that is written for the whole batch leaves it to the compiler where to add. XLA then adds the gradient of the word
table over all devices in every micro batch, twice, and in a precision that depends on the number of micro batches. Here
the devices exchange nothing before the end, and the precision is the caller's.
"""

from collections.abc import Callable
from typing import Any

from trainer.devices.moment_shards import MomentShards
from trainer.devices.runtime import JaxRuntime, Runtime

LocalSums = Callable[[Any, Any], tuple[Any, Any, Any]]
"""`local(shared, batch)` returns (gradients, sums, same), each a dictionary of arrays.

`shared` is a tree of arrays that all devices have, and `batch` a dictionary of arrays [micro batches, rows, ...]. What is
`same` must be so on all devices.
"""
OverDevices = Callable[[LocalSums], LocalSums]


def on_one_device(local: LocalSums) -> LocalSums:
    """The function itself. If the arrays are on several devices nevertheless, the compiler decides where to add."""
    return local


def over_devices(runtime: Runtime, dtype: str = "float32") -> OverDevices:
    """Makes of a function of a device's rows the same function of the whole batch.

    `dtype` is "float32", or "bfloat16" to halve what is sent: each device's gradients are rounded before they are added.
    They come back as float32. The sums are always added as they are. If the runtime keeps moments in parts, each device
    receives the same parts of the gradients only, with zeros at their ends as `MomentShards` has them.
    """
    if not isinstance(runtime, JaxRuntime) or runtime.device_count == 1:
        return on_one_device
    if runtime.shards:
        return _in_parts(runtime, runtime.shards, dtype)
    import jax
    from jax.sharding import PartitionSpec

    def whole(local: LocalSums) -> LocalSums:
        def on_each_device(shared: Any, batch: Any) -> tuple[Any, Any, Any]:
            gradients, sums, same = local(shared, batch)
            added = {name: jax.lax.psum(value.astype(dtype), "batch") for name, value in gradients.items()}
            gradients = {name: value.astype("float32") for name, value in added.items()}
            return gradients, {name: jax.lax.psum(value, "batch") for name, value in sums.items()}, same

        return jax.shard_map(
            on_each_device,
            mesh=runtime.mesh,
            in_specs=(PartitionSpec(), PartitionSpec(None, "batch")),
            out_specs=PartitionSpec(),
            check_vma=False,  # with the check, JAX would add up the gradients of shared weights in every micro batch
        )

    return whole


def _in_parts(runtime: JaxRuntime, shards: MomentShards, dtype: str) -> OverDevices:
    import jax
    from jax.sharding import PartitionSpec

    def whole(local: LocalSums) -> LocalSums:
        def on_each_device(shared: Any, batch: Any) -> tuple[Any, Any, Any]:
            gradients, sums, same = local(shared, batch)
            parts = shards.scattered({name: value.astype(dtype) for name, value in gradients.items()})
            parts = jax.tree.map(lambda value: value.astype("float32"), parts)
            return parts, {name: jax.lax.psum(value, "batch") for name, value in sums.items()}, same

        on_all = jax.shard_map(
            on_each_device,
            mesh=runtime.mesh,
            in_specs=(PartitionSpec(), PartitionSpec(None, "batch")),
            out_specs=(shards.specs(), PartitionSpec(), PartitionSpec()),
            check_vma=False,  # as above
        )

        def of_the_batch(shared: Any, batch: Any) -> tuple[Any, Any, Any]:
            parts, sums, same = on_all(shared, batch)
            return {name: value for group in parts.values() for name, value in group.items()}, sums, same

        return of_the_batch

    return whole
