"""Which attention a model uses: the einsums, or the kernels of a platform."""

from dataclasses import dataclass
from typing import Any

from beam_jobs.errors import UserError
from trainer.model.attention.layout import kernel_takes
from trainer.model.config import BertConfig

SETTINGS = ("auto", "fused", "einsum")  # of `model.attention` in a plan
_PLATFORMS = {"tpu": "tpu", "gpu": "gpu", "cuda": "gpu"}  # as JAX names them, with kernels


@dataclass(frozen=True)
class AttentionKernel:
    """What computes attention."""

    platform: str = ""  # whose kernels, "tpu" or "gpu"; empty: the einsums
    interpret: bool = False  # run the kernels as plain operations, on any device; slowly, for tests
    mesh: Any = None  # jax.sharding.Mesh of one axis, over which the rows of a batch lie outside of `jax.shard_map`

    def __str__(self) -> str:
        return f"fused ({self.platform})" if self.platform else "einsum"


EINSUM = AttentionKernel()


def choose_kernel(
    setting: str, platform: str, config: BertConfig, mesh: Any = None, device_kind: str = ""
) -> AttentionKernel:
    """The attention for one of `SETTINGS` on a platform as JAX names it; `platform` is empty on other backends.

    `mesh` is that of the devices which share a batch; None if there is one. `device_kind` is the device's name.

    Raises UserError if "fused" is set and there is no kernel for the platform, the device or the heads.
    """
    if setting == "einsum":
        return EINSUM
    heads, size = config.num_attention_heads, config.hidden_size // config.num_attention_heads
    known = _PLATFORMS.get(platform)
    if known and kernel_takes(known, heads, size, device_kind):
        return AttentionKernel(known, mesh=mesh)
    if setting == "auto":
        return EINSUM
    if not known:
        raise UserError(
            f'model.attention is "fused", which needs a TPU or a GPU with JAX (this is {platform or "another backend"}): '
            'set "auto" or "einsum"'
        )
    raise UserError(
        f'model.attention is "fused", but its kernels for a {device_kind or known.upper()} do not take {heads} heads of {size}: '
        'set "auto" or "einsum"'
    )
