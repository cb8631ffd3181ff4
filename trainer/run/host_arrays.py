"""Orbax with plain host arrays only: written and read without regard to the devices of the machine that wrote them."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

import jax
import numpy as np
import orbax.checkpoint as ocp
from orbax.checkpoint.type_handlers import NumpyHandler, create_type_handler_registry


class HostArrayHandler(NumpyHandler):
    """Reads what Orbax filed under `kind` as NumPy arrays; writes arrays that nobody changes any more."""

    def __init__(self, kind: str) -> None:
        super().__init__(deepcopy_host_arrays=False)
        self._kind = kind

    def typestr(self) -> str:
        """The name under which a checkpoint's metadata lists such arrays."""
        return self._kind

    async def deserialize(self, infos: Sequence[Any], args: Sequence[Any] | None = None) -> Sequence[np.ndarray]:
        """Reads all arrays side by side, and raises the first error only when every reader has come to its end.

        Orbax gives up at the first error; TensorStore's other readers then print tracebacks about a closed event loop.
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
        """Writes all arrays side by side, for the same reason: a disk may be full for each of them."""
        every = args or [ocp.SaveArgs()] * len(values)
        write = super()._background_serialize
        await _all(write([v], [i], [a]) for v, i, a in zip(values, infos, every, strict=True))


async def _all(work: Iterable[Awaitable[Any]]) -> list[Any]:
    """What all give, in their order; the first error, once all have ended."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def host_array_handler() -> ocp.PyTreeCheckpointHandler:
    """What writes and reads trees of arrays, the jax.Arrays of older checkpoints among them, as host arrays."""
    kinds = ((np.ndarray, HostArrayHandler("np.ndarray")), (jax.Array, HostArrayHandler("jax.Array")))
    return ocp.PyTreeCheckpointHandler(type_handler_registry=create_type_handler_registry(*kinds))
