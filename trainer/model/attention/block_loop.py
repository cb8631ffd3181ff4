"""The loop of a kernel over the blocks of a row."""

from collections.abc import Callable
from typing import Any

from jax import lax


def over_blocks(count: int, first: Any, last: Any, body: Callable[[Any, Any], Any], start: Any) -> Any:
    """`fori_loop(first, last, body, start)`; the only block of a row (`count` 1) is computed without a loop."""
    return body(0, start) if count == 1 else lax.fori_loop(first, last, body, start)
