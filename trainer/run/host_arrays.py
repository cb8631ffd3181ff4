"""Makes Orbax write and read plain host arrays, so that checkpoints do not depend on the devices that wrote them."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

import jax
import numpy as np
import orbax.checkpoint as ocp
from orbax.checkpoint.type_handlers import NumpyHandler, create_type_handler_registry

EVERY_HOST = ocp.options.MultiprocessingOptions()


class HostArrayHandler(NumpyHandler):
    """Reads arrays that Orbax stored as `kind` as NumPy arrays. Arrays to write must not change any more."""

    def __init__(self, kind: str) -> None:
        super().__init__(deepcopy_host_arrays=False)
        self._kind = kind

    def typestr(self) -> str:
        """The name of such arrays in the metadata of a checkpoint."""
        return self._kind

    async def deserialize(self, infos: Sequence[Any], args: Sequence[Any] | None = None) -> Sequence[np.ndarray]:
        """Reads all arrays in parallel, and raises the first error after all readers have ended.

        Orbax itself stops at the first error. The other readers of TensorStore then print tracebacks about a closed
        event loop.
        """
        every = args or [ocp.RestoreArgs()] * len(infos)
        read = super().deserialize
        return [
            array
            for arrays in await _all(read([i], [a]) for i, a in zip(infos, every, strict=True))
            for array in arrays
        ]

    async def _background_serialize(
        self, values: Sequence[np.ndarray], infos: Sequence[Any], args: Sequence[Any] | None = None
    ) -> None:
        """Writes all arrays in parallel, and waits for all for the same reason: a full disk makes each of them fail."""
        every = args or [ocp.SaveArgs()] * len(values)
        write = super()._background_serialize
        await _all(write([v], [i], [a]) for v, i, a in zip(values, infos, every, strict=True))


async def _all(work: Iterable[Awaitable[Any]]) -> list[Any]:
    """The results of all, in order. Raises the first error after all have ended."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def host_array_handler(hosts: ocp.options.MultiprocessingOptions = EVERY_HOST) -> ocp.PyTreeCheckpointHandler:
    """The handler that writes and reads trees of arrays as host arrays, also the jax.Arrays of older checkpoints.

    `hosts` says which of them write and read together.
    """
    kinds = ((np.ndarray, HostArrayHandler("np.ndarray")), (jax.Array, HostArrayHandler("jax.Array")))
    return ocp.PyTreeCheckpointHandler(
        type_handler_registry=create_type_handler_registry(*kinds), multiprocessing_options=hosts
    )


def host_array_manager(folder: str, kept: Any, *, writes: bool, own: bool) -> ocp.CheckpointManager:
    """Orbax's manager of the checkpoints in a folder, with the items `state`, host arrays, and `run`, JSON.

    Args:
        folder: where they are; `writes` makes it, and removes unfinished checkpoints.
        kept: Orbax's policy of which to keep.
        writes: whether checkpoints are written, or only read.
        own: whether the folder, which is there, belongs to this host. Then Orbax does not wait for other hosts.
    """
    host = jax.process_index()
    hosts = ocp.options.MultiprocessingOptions(host, {host}, f"host {host}") if own else EVERY_HOST
    options = ocp.CheckpointManagerOptions(
        preservation_policy=kept,
        cleanup_tmp_directories=writes,
        create=writes and not own,
        read_only=not writes,
        save_interval_steps=1,
        multiprocessing_options=hosts,
    )
    handlers = {"state": host_array_handler(hosts), "run": ocp.JsonCheckpointHandler()}
    return ocp.CheckpointManager(folder, options=options, item_handlers=handlers)
