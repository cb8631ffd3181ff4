"""What the einsums compute is compared with numpy in test_encoder.py."""

import numpy as np

from trainer.model.attention.einsum import MASKED, attention_bias

MASK = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], np.int32)


def test_who_may_attend_to_whom():
    assert MASKED == -1e9
    assert (np.asarray(attention_bias(MASK)) == MASKED).tolist() == [
        [[[False, False, False, True]]],
        [[[False] * 4]],
    ]
    blocks = np.array([[1, 1, 2, 0], [1, 2, 2, 2]], np.int32)
    found = np.asarray(attention_bias(MASK, blocks))
    assert found.shape == (2, 1, 4, 4)
    assert (found[1, 0] == 0).tolist() == [[True, False, False, False]] + [[False, True, True, True]] * 3
    assert (found[0, 0, 2] == 0).tolist() == [False, False, True, False]
