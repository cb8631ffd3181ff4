"""The masked-LM logits, and their loss: on a TPU without logits of the whole vocabulary in memory.

A float32 logit for each prediction and word is the largest tensor of a training step: 2.4 GB for 5,120 predictions and
119,547 words, read and written several times. A TPU computes them in blocks of the vocabulary, small enough for its
on-chip memory. Of the forward pass it keeps one number per prediction, the logarithm of the sum of exponentials (Milakov
& Gimelshein, "Online normalizer calculation for softmax", 2018), and the backward pass computes each block again. By the
compiler's estimate, four matrix products without the traffic take two thirds of the time of three with it. A GPU or CPU,
which has no such memory, gains nothing by it and keeps the logits.
"""

import functools
from typing import Any

import keras
from keras import ops

from trainer.model.cross_entropy import cross_entropy
from trainer.model.precision import einsum_float32

_BLOCK_BYTES = 40 * 2**20  # of the float32 logits of a block: what leaves room for its operands in 128 MB on a chip
_LANES = 128  # a block's width is a multiple of a TPU's lanes
_NEVER = -1e30  # in the place of a logit that does not count


def vocabulary_logits(x: Any, table: Any, bias: Any) -> Any:
    """`x @ table.T + bias`, float32 [rows, classes], of a product in the dtype of `x` [rows, units]."""
    return einsum_float32("pe,ve->pv", x, ops.cast(table, x.dtype)) + bias


def vocabulary_loss(x: Any, table: Any, bias: Any, labels: Any) -> tuple[Any, Any]:
    """`cross_entropy` of `vocabulary_logits`: the loss of each row, and whether its label has the highest logit.

    Args:
        x: [rows, units] in the compute dtype.
        table: float32 [classes, units].
        bias: float32 [classes].
        labels: integers [rows], below `classes`.

    Returns:
        Two float32 arrays [rows].
    """
    if keras.backend.backend() != "jax":
        return _with_logits(x, table, bias, labels)
    from jax import lax

    arrays = [ops.convert_to_tensor(array) for array in (x, table, bias, labels)]
    return lax.platform_dependent(*arrays, tpu=loss_in_blocks, default=_with_logits)


def loss_in_blocks(x: Any, table: Any, bias: Any, labels: Any, width: int = 0) -> tuple[Any, Any]:
    """`vocabulary_loss` by blocks of `width` classes, on JAX; 0 for as many as on-chip memory holds.

    The gradients of `table` and `bias` are float32 throughout, and only the products' operands are of the dtype of `x`.
    """
    lanes = _BLOCK_BYTES // (4 * x.shape[0] * _LANES)
    return _jax_loss()(x, table, bias, labels, min(table.shape[0], width or _LANES * max(1, lanes)))


def _with_logits(x: Any, table: Any, bias: Any, labels: Any) -> tuple[Any, Any]:
    return cross_entropy(vocabulary_logits(x, table, bias), labels)


@functools.cache
def _jax_loss():
    import jax
    import jax.numpy as jnp
    from jax import lax

    def product(first, second, over):
        return lax.dot_general(first, second, (over, ((), ())), preferred_element_type=jnp.float32)

    def block_of(index, x, table, bias, width):
        """The first class of a block, its rows of the table, its logits [rows, width] and its classes [width].

        The last block is as wide as the others and begins earlier; what it shares with the one before does not count,
        and has class -1.
        """
        start = jnp.minimum(index * width, table.shape[0] - width)
        classes = start + jnp.arange(width, dtype=jnp.int32)
        classes = jnp.where(classes >= index * width, classes, -1)
        part = lax.dynamic_slice_in_dim(table, start, width).astype(x.dtype)
        offset = jnp.where(classes >= 0, lax.dynamic_slice_in_dim(bias, start, width), _NEVER)
        return start, part, product(x, part, ((1,), (1,))) + offset, classes

    def forward(x, table, bias, labels, width):
        labels = labels.astype(jnp.int32)
        words = table[labels].astype(x.dtype)
        of_label = jnp.sum(x.astype(jnp.float32) * words.astype(jnp.float32), axis=-1) + bias[labels]

        def add_block(index, carried):
            other, shift, total = carried  # the best logit of another class; of all so far; the sum of exponentials
            _, _, logits, classes = block_of(index, x, table, bias, width)
            best = jnp.max(jnp.where(classes == labels[:, None], _NEVER, logits), axis=-1)
            total = total + jnp.sum(jnp.exp(logits - shift[:, None]), axis=-1)
            higher = jnp.maximum(shift, best)
            return jnp.maximum(other, best), higher, total * jnp.exp(shift - higher)

        def sweep(shift):
            start = (jnp.full_like(shift, _NEVER), shift, jnp.zeros_like(shift))
            return lax.fori_loop(0, _blocks(table, width), add_block, start)

        # The shift of a block is from before it, so maximum and sum are taken while the product is computed. The sum
        # overflows if a logit is higher by 88 than its label's and all before; then the second sweep knows the highest.
        swept = sweep(of_label)
        other, highest, total = lax.cond(jnp.all(jnp.isfinite(swept[2])), lambda: swept, lambda: sweep(swept[1]))
        spread = highest + jnp.log(total)
        return (spread - of_label, (of_label >= other).astype(jnp.float32)), (x, table, bias, labels, spread)

    def backward(width, kept, gradients):
        x, table, bias, labels, spread = kept
        of_loss = gradients[0][:, None]
        blocks = _blocks(table, width)

        def add_block(done, carried):
            of_x, of_table, of_bias = carried
            # The last block first: what it shares with the one before is 0 here, and overwritten then.
            start, part, logits, classes = block_of(blocks - 1 - done, x, table, bias, width)
            of_logits = (jnp.exp(logits - spread[:, None]) - (classes == labels[:, None])) * of_loss
            of_bias = lax.dynamic_update_slice_in_dim(of_bias, jnp.sum(of_logits, axis=0), start, 0)
            of_logits = of_logits.astype(x.dtype)
            of_table = lax.dynamic_update_slice_in_dim(of_table, product(of_logits, x, ((0,), (0,))), start, 0)
            return of_x + product(of_logits, part, ((1,), (0,))), of_table, of_bias

        nothing = (
            jnp.zeros(x.shape, jnp.float32),
            lax.empty(table.shape, jnp.float32),
            lax.empty(bias.shape, jnp.float32),
        )
        of_x, of_table, of_bias = lax.fori_loop(0, blocks, add_block, nothing)
        return of_x.astype(x.dtype), of_table, of_bias, None

    @functools.partial(jax.custom_vjp, nondiff_argnums=(4,))
    def loss(x, table, bias, labels, width):
        return forward(x, table, bias, labels, width)[0]

    loss.defvjp(forward, backward)
    return loss


def _blocks(table: Any, width: int) -> int:
    return -(-table.shape[0] // width)
