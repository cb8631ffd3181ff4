import numpy as np
import pytest

from trainer.embeddings.pooling import normalized, pool, pool_groups

VECTORS = np.array([[1, 5], [3, -2], [2, 0]], np.float32)


def test_pieces_become_one_vector():
    np.testing.assert_array_equal(pool(VECTORS, "mean"), np.array([2, 1], np.float32))
    np.testing.assert_array_equal(pool(VECTORS, "max"), [3, 5])
    np.testing.assert_array_equal(pool(VECTORS, "cls"), [1, 5])
    assert pool(VECTORS, "mean").dtype == np.float32
    with pytest.raises(ValueError, match="no pooling over pieces: pooler"):
        pool(VECTORS, "pooler")


def test_words_become_a_vector_each():
    found = pool_groups(np.concatenate((VECTORS, VECTORS)), np.array([-1, 0, 0, 1, 2, -1]), "mean")
    np.testing.assert_array_equal(found, [[2.5, -1], [1, 5], [3, -2]])
    assert pool_groups(VECTORS[:2], np.array([-1, -1]), "max").shape == (0, 2)


def test_lengths_become_one_and_nothing_stays_nothing():
    found = normalized(np.array([[3, 4], [0, 0]], np.float32))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0, 0]], atol=1e-7)
    assert found.dtype == np.float32
