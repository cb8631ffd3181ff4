"""Makes Orbax write and read plain host arrays, so that checkpoints do not depend on the devices that wrote them."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

import jax
import numpy as np
import orbax.checkpoint as ocp
from orbax.checkpoint.type_handlers import NumpyHandler, create_type_handler_registry


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


def host_array_handler() -> ocp.PyTreeCheckpointHandler:
    """The handler that writes and reads trees of arrays as host arrays, also the jax.Arrays of older checkpoints."""
    kinds = ((np.ndarray, HostArrayHandler("np.ndarray")), (jax.Array, HostArrayHandler("jax.Array")))
    return ocp.PyTreeCheckpointHandler(type_handler_registry=create_type_handler_registry(*kinds))
