"""Places arrays on devices and compiles the training step: one class for JAX, and one for TensorFlow.

On JAX the devices of all hosts form a mesh with one axis. Each device holds the whole state, or all but the other
devices' parts of the optimizer's moments (`moment_shards.py`). The rows of a batch are divided among the devices;
`device_sum.py` adds up what they compute. On TensorFlow there is one device.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from beam_jobs.errors import UserError
from trainer.devices.determinism import compiler_options
from trainer.devices.hardware import peak_flops
from trainer.devices.hosts import any_host, hosts_to_join
from trainer.devices.moment_shards import MomentShards
from trainer.devices.plain_machine import machine_memory


def join_hosts() -> None:
    """Connect the processes of a multi-host run. Call this before anything else uses JAX.

    The hosts of a TPU slice, a SLURM job or an Open MPI job find each other. Elsewhere JAX_COORDINATOR_ADDRESS
    (host:port), JAX_NUM_PROCESSES and JAX_PROCESS_ID must be set. Raises UserError if the processes cannot find each
    other.
    """
    hosts = hosts_to_join(os.environ)
    if hosts is None:
        return
    if keras.backend.backend() != "jax":
        raise UserError("several processes train together on JAX only: unset KERAS_BACKEND, or start one process")
    import jax

    try:
        jax.distributed.initialize(**hosts)
    except (RuntimeError, ValueError) as error:
        text = " ".join(str(error).split())
        raise UserError(
            f"the processes of this run cannot find each other ({text}); set JAX_COORDINATOR_ADDRESS, JAX_NUM_PROCESSES and "
            "JAX_PROCESS_ID in each of them"
        ) from error


class JaxRuntime:
    """Data parallelism over `devices`, by default all of them."""

    name = "jax"

    def __init__(self, devices: Sequence[Any] | None = None, *, shard_moments: bool = False) -> None:
        """With `shard_moments`, and more than one device, each holds its part only of the optimizer's moments."""
        import jax

        self.devices = list(devices or jax.devices())
        self.mesh = jax.sharding.Mesh(np.array(self.devices), ("batch",))
        self.everywhere = jax.sharding.NamedSharding(self.mesh, jax.sharding.PartitionSpec())
        self.by_rows = jax.sharding.NamedSharding(self.mesh, jax.sharding.PartitionSpec(None, "batch"))
        self.shards = MomentShards(self.mesh) if shard_moments and len(self.devices) > 1 else None

    @property
    def device_count(self) -> int:
        """Devices that share a batch."""
        return len(self.devices)

    @property
    def platform(self) -> str:
        """The kind of device as JAX calls it: "cpu", "gpu" or "tpu"."""
        return self.devices[0].platform

    @property
    def device_kind(self) -> str:
        """The device as its driver calls it."""
        return self.devices[0].device_kind

    @property
    def is_primary(self) -> bool:
        """Whether this process writes logs and results."""
        import jax

        return jax.process_index() == 0

    @property
    def hosts(self) -> int:
        """Processes of the run."""
        import jax

        return jax.process_count()

    @property
    def peak_flops(self) -> float | None:
        """Peak bf16 FLOP/s of all devices together; None when the device is not known."""
        peak = peak_flops(self.device_kind)
        return peak * self.device_count if peak else None

    @property
    def device_memory(self) -> int | None:
        """Memory of one device in bytes (of a CPU device: its share of the machine's); None if it is not known."""
        if self.devices[0].platform == "cpu":
            return machine_memory() // self.device_count
        return (self.devices[0].memory_stats() or {}).get("bytes_limit")

    def put_state(self, state: Any) -> Any:
        """Copy a tree of host arrays, or of arrays that are on every device, onto every device.

        The copy is needed because a step reuses its buffers. Sharded moments go to their devices in parts.
        """
        return self.shards.put(state) if self.shards else self.put_whole(state)

    def put_whole(self, tree: Any) -> Any:
        """Copy a tree of host arrays onto every device, each array whole."""
        import jax

        def put(value: Any) -> Any:
            host = np.array(value)
            return jax.make_array_from_callback(host.shape, self.everywhere, lambda index: host[index])

        return jax.tree.map(put, tree)

    def put_batch(self, batch: Mapping[str, np.ndarray], micro_batches: int) -> dict[str, Any]:
        """A global batch [rows, ...] as device arrays [micro batches, rows, ...]; each host puts its own rows."""
        import jax

        def put(value: np.ndarray) -> Any:
            split = _split(value, micro_batches)
            return jax.make_array_from_callback(split.shape, self.by_rows, lambda index: split[index])

        return {name: put(value) for name, value in batch.items()}

    def local_rows(self, rows: int, micro_batches: int) -> np.ndarray:
        """bool [rows]: which rows of a global batch `put_batch` puts on this host's devices."""
        local = np.zeros((micro_batches, rows // micro_batches), bool)
        for index in self.by_rows.addressable_devices_indices_map(local.shape).values():
            local[index] = True
        return local.reshape(rows)

    def put_scalar(self, value: float) -> Any:
        """A number as a float32 argument of a compiled function, so that another number needs no new compilation."""
        return np.float32(value)

    def whole_state(self, state: Any) -> Any:
        """The state as a checkpoint stores it, independent of the devices: sharded moments become whole host arrays.

        All hosts must call it.
        """
        return self.shards.whole(state) if self.shards else state

    def compile_step(self, step: Callable[..., Any], state: Any = None) -> Callable[..., Any]:
        """`step(state, ...)` compiled; the old state's memory is reused for the new one.

        `state` is one for which it is compiled, or its shapes; with sharded moments it must be given.
        """
        import jax

        options = compiler_options(self.devices[0].platform)
        places = (self.shards.shardings(state), self.everywhere) if self.shards else self.everywhere
        return jax.jit(step, donate_argnums=0, out_shardings=places, compiler_options=options)

    def compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function compiled; it keeps its arguments intact."""
        import jax

        return jax.jit(function, out_shardings=self.everywhere)

    def any_host(self, flag: bool) -> bool:
        """Whether the flag is set on any host, so that all hosts take the same decision."""
        return any_host(flag)

    def start_trace(self, folder: str) -> None:
        """Begin a profile for TensorBoard or XProf."""
        import jax

        jax.profiler.start_trace(folder)

    def stop_trace(self) -> None:
        """End the profile and write it."""
        import jax

        jax.profiler.stop_trace()


class TensorFlowRuntime:
    """One device, compiled with XLA."""

    name = "tensorflow"
    platform = ""  # one for which the model has no kernels
    mesh = None
    device_count = 1
    is_primary = True
    hosts = 1
    device_memory = None
    shards = None

    @property
    def device_kind(self) -> str:
        """The device as its driver calls it."""
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")) if gpus else "cpu"

    @property
    def peak_flops(self) -> float | None:
        """Peak bf16 FLOP/s of the device; None when it is not known."""
        return peak_flops(self.device_kind)

    def put_state(self, state: Any) -> Any:
        """A tree of arrays as tensors."""
        return self.put_whole(state)

    def put_whole(self, tree: Any) -> Any:
        """A tree of arrays as tensors."""
        import tensorflow as tf

        return tf.nest.map_structure(tf.convert_to_tensor, tree)

    def put_batch(self, batch: Mapping[str, np.ndarray], micro_batches: int) -> dict[str, Any]:
        """A batch [rows, ...] as tensors [micro batches, rows, ...]."""
        import tensorflow as tf

        return {name: tf.constant(_split(value, micro_batches)) for name, value in batch.items()}

    def local_rows(self, rows: int, micro_batches: int) -> np.ndarray:
        """bool [rows]: which rows of a batch belong to this host, namely all."""
        return np.ones(rows, bool)

    def put_scalar(self, value: float) -> Any:
        """A number as a float32 argument of a compiled function, so that another number needs no new compilation."""
        import tensorflow as tf

        return tf.constant(value, tf.float32)

    def whole_state(self, state: Any) -> Any:
        """The state as it is."""
        return state

    def compile_step(self, step: Callable[..., Any], state: Any = None) -> Callable[..., Any]:
        """`step(state, ...)` compiled."""
        return self.compile(step)

    def compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of tensors compiled."""
        import tensorflow as tf

        return tf.function(function, jit_compile=True, autograph=False)

    def any_host(self, flag: bool) -> bool:
        """There is one host."""
        return flag

    def start_trace(self, folder: str) -> None:
        """Begin a profile for TensorBoard."""
        import tensorflow as tf

        tf.profiler.experimental.start(folder)

    def stop_trace(self) -> None:
        """End the profile and write it."""
        import tensorflow as tf

        tf.profiler.experimental.stop()


Runtime = JaxRuntime | TensorFlowRuntime


def current_runtime(*, shard_moments: bool = False) -> Runtime:
    """The runtime of the backend that Keras runs on, on all devices."""
    return JaxRuntime(shard_moments=shard_moments) if keras.backend.backend() == "jax" else TensorFlowRuntime()


def to_host(values: Mapping[str, Any]) -> dict[str, float]:
    """Scalars as Python floats. Waits once for all of them."""
    if keras.backend.backend() == "jax":
        import jax

        values = jax.device_get(dict(values))
    return {name: float(np.asarray(value)) for name, value in values.items()}


def _split(value: np.ndarray, micro_batches: int) -> np.ndarray:
    return value.reshape(micro_batches, value.shape[0] // micro_batches, *value.shape[1:])
