import numpy as np
import pytest
from attention_case import Case

from trainer.model.attention.attend import attention_mask
from trainer.model.attention.kernel import EINSUM, AttentionKernel

MASK = np.array([[1, 1, 1, 0]], np.int32)
BLOCKS = np.array([[1, 1, 2, 0]], np.int32)


@pytest.mark.parametrize("blocks", [None, BLOCKS])
def test_both_forms_of_the_mask_allow_the_same(blocks):
    allowed = np.asarray(attention_mask(EINSUM, MASK, blocks))[0, 0] == 0
    queries, keys = (np.asarray(ids)[0] for ids in attention_mask(AttentionKernel("tpu"), MASK, blocks))
    same = (queries[:, None] == keys[None, :]) & (queries > 0)[:, None]
    assert np.array_equal(np.broadcast_to(allowed, (4, 4)), same)


def test_without_a_kernel_the_einsums():
    assert np.isfinite(Case("padded", 8, size=3).compute()[0]).all()  # heads that no kernel takes
