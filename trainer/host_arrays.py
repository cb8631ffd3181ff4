"""Orbax with plain host arrays only: written and read without regard to the devices of the machine that wrote them."""

import asyncio
from collections.abc import Sequence
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
        readers = [super(HostArrayHandler, self).deserialize([i], [a]) for i, a in zip(infos, every, strict=True)]
        found = await asyncio.gather(*readers, return_exceptions=True)
        arrays = []
        for result in found:
            if isinstance(result, BaseException):
                raise result
            arrays += result
        return arrays


def host_array_handler() -> ocp.PyTreeCheckpointHandler:
    """What writes and reads trees of arrays, the jax.Arrays of older checkpoints among them, as host arrays."""
    kinds = ((np.ndarray, HostArrayHandler("np.ndarray")), (jax.Array, HostArrayHandler("jax.Array")))
    return ocp.PyTreeCheckpointHandler(type_handler_registry=create_type_handler_registry(*kinds))
