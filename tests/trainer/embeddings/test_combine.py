import numpy as np
import pytest

from trainer.embeddings.combine import combined

STATES = [np.full((1, 2, 3), value, np.float32) for value in (1, 2, 6)]


@pytest.mark.parametrize(("combine", "value"), [("last", 6), ("mean", 3), ("sum", 9)])
def test_layers_become_one(combine, value):
    np.testing.assert_array_equal(np.asarray(combined(STATES, combine)), np.full((1, 2, 3), value))


def test_layers_side_by_side():
    found = np.asarray(combined(STATES, "concat"))
    assert found.shape == (1, 2, 9)
    assert found[0, 0].tolist() == [1, 1, 1, 2, 2, 2, 6, 6, 6]
