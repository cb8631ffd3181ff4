import jax.numpy as jnp
import numpy as np
import pytest
from attention_case import KEY

from trainer.model.attention.tile_dropout import as_int32, element_hashes, kept, row_hashes
from trainer.model.dropout import dropout

ROWS = np.array([0, 6, 2**32 - 1], np.uint32)


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_a_tile_has_the_masks_of_dropout(rate):
    heads, length, block = 3, 24, 8
    whole = np.asarray(dropout(jnp.ones((3, heads, length, length)), rate, KEY, ROWS)) > 0
    of_rows = row_hashes(jnp.asarray(KEY), jnp.asarray(ROWS))
    first = as_int32(jnp.asarray(KEY))[0]
    for row, head, i, j in ((0, 0, 0, 0), (1, 2, 1, 2), (2, 1, 2, 0)):
        part = whole[row, head, i * block : (i + 1) * block, j * block : (j + 1) * block]
        for axis, wanted in ((0, part), (1, part.T)):
            element = element_hashes(first, head, i * block, j * block, length, (block, block), axis)
            assert np.array_equal(kept(element, of_rows[row], rate), wanted)
