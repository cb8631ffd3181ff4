"""One use of attention with each kind of mask, by the einsums and by kernels that are interpreted."""

import functools
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np

from trainer.model.attention.attend import attend, attention_mask
from trainer.model.attention.kernel import EINSUM, AttentionKernel

KEY = np.array([123456789, 3987654321], np.uint32)


@dataclass(frozen=True)
class Case:
    """Two rows of queries, keys and values, and the gradient of what attention makes of them."""

    kind: str  # full, padded or packed
    length: int
    size: int = 64
    heads: int = 2
    rate: float = 0.0
    dtype: str = "float32"
    rows: tuple[int, ...] = field(default=(5, 2**31 + 7))

    @functools.cached_property
    def arrays(self):
        """Four float arrays [rows * length, heads * size]. Nothing comes back from queries that attend to nothing."""
        draws = np.random.default_rng(self.length)
        arrays = draws.standard_normal((4, len(self.rows), self.length, self.heads * self.size)).astype(np.float32)
        arrays[3] *= self.attending[:, :, None]
        return [jnp.asarray(x, self.dtype).reshape(-1, self.heads * self.size) for x in arrays]

    @functools.cached_property
    def inputs(self):
        """`input_mask`, and `block_ids` of packed rows; int32 [rows, length] each."""
        mask, ids = np.ones((2, self.length), np.int32), np.ones((2, self.length), np.int32)
        if self.kind == "padded":
            mask[0, self.length // 3 :] = 0
        if self.kind == "packed":
            ids[:] = np.arange(self.length) * 5 // self.length + 1
            ids[1] = (ids[1] + 1) // 2
            ids[0, -self.length // 4 :] = mask[0, -self.length // 4 :] = 0
        return mask, ids if self.kind == "packed" else None

    @property
    def attending(self):
        """bool [rows, length]: the queries that attend to something."""
        mask, ids = self.inputs
        return np.ones_like(mask) > 0 if ids is None else ids > 0

    def compute(self, platform=""):
        """The mixed values and the gradients of queries, keys and values, as float32 arrays [rows, length, hidden]."""
        kernel = AttentionKernel(platform, interpret=True) if platform else EINSUM

        @jax.jit
        def run(query, keys, value, gradient):
            mask = attention_mask(kernel, *(None if x is None else jnp.asarray(x) for x in self.inputs))
            options = {"heads": self.heads, "kernel": kernel, "rate": self.rate, "rows": np.array(self.rows, np.uint32)}
            key = KEY if self.rate else None
            mixed, pull = jax.vjp(lambda *x: attend(*x, mask, key=key, **options), query, keys, value)
            return mixed, *pull(gradient)

        shape = (len(self.rows), self.length, -1)
        mixed, *gradients = (np.asarray(x, np.float32).reshape(shape) for x in run(*self.arrays))
        return mixed * self.attending[:, :, None], *gradients


def assert_equal(case, platform, tolerance):
    """Assert that the kernels of a platform give what the einsums give, relative to the largest value."""
    for name, found, wanted in zip(
        ("mixed", "query", "keys", "value"), case.compute(platform), case.compute(), strict=True
    ):
        assert np.abs(found - wanted).max() <= tolerance * np.abs(wanted).max(), name
