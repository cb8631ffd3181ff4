"""The bytes that the backward pass needs of the forward pass, by what the compiler keeps on each kind of device.

The form of the sum is that of Korthikanti et al., "Reducing activation recomputation in large transformer models" (2022). Its
terms are the arrays that stand in a step compiled for a GPU, see docs/compiled.md.
"""

from trainer.model.attention.layout import kernel_takes
from trainer.model.config import BertConfig
from trainer.plans.settings import ModelSettings

_OTHER_WIDTHS = 20  # arrays of the hidden size that a CPU keeps of a layer, those of the feed-forward block included
_TPU_OTHERS = 10  # bytes for each unit of a layer, fitted to steps of twelve layers: see docs/compiled.md
_LOSS_BLOCKS = 80 * 2**20  # what the masked-LM loss holds of the logits on a TPU, see model/vocabulary_loss.py


def activation_bytes(
    config: BertConfig, model: ModelSettings, platform: str, length: int, device_kind: str = ""
) -> int:
    """Bytes for each row of `length` pieces on a platform as JAX names it, "tpu", "gpu" or another, and on a kind of device."""
    width = _width(model)
    heads, size = config.num_attention_heads, config.hidden_size // config.num_attention_heads
    fused = model.attention != "einsum" and kernel_takes(platform, heads, size, device_kind)
    attention = (
        4 * heads if fused else heads * length * (4 + width)
    )  # the logarithms of sums, or scores and probabilities
    layer = length * (_layer_bytes(config, width, platform) + attention)
    embeddings = length * config.embedding_width * (4 + width)  # normalised, and the output
    if model.rematerialise:
        return embeddings + config.num_hidden_layers * length * config.hidden_size * width + layer
    return embeddings + config.num_hidden_layers * layer


def logit_bytes(logits: int, model: ModelSettings, platform: str) -> int:
    """Bytes of the heads' `logits`, given as those of the forward pass in float32, with their gradients."""
    if platform == "tpu":
        return min(logits, _LOSS_BLOCKS)
    return logits if _width(model) == 4 else logits * 3 // 2  # a gradient in bfloat16 cannot take the place of float32


def _layer_bytes(config: BertConfig, width: int, platform: str) -> int:
    """Bytes for each piece and layer, without scores of attention.

    A GPU keeps the input, queries, keys, values, what attention mixes, its projection, the input of the feed-forward block,
    that of GELU and its output, and in float32 the sum before the last norm. A TPU keeps some of them twice.
    """
    hidden, inner = config.hidden_size, config.intermediate_size
    if platform in ("tpu", "gpu"):
        others = _TPU_OTHERS if platform == "tpu" else 0
        return (7 * hidden + 2 * inner) * width + (4 + others) * hidden
    return _OTHER_WIDTHS * hidden * width


def _width(model: ModelSettings) -> int:
    return 4 if model.compute_dtype == "float32" else 2
