import numpy as np
import pytest

from trainer.examples.class_weights import balanced_positive_weights, balanced_weights


def test_balanced_weights_equal_those_of_scikit_learn():
    utils = pytest.importorskip("sklearn.utils")
    ids = np.array([0, 0, 0, 2, 2, 0, 2, 0], np.int32)
    theirs = utils.compute_class_weight("balanced", classes=np.array([0, 2]), y=ids)
    ours = balanced_weights(ids, 4)
    np.testing.assert_allclose(ours[[0, 2]], theirs, rtol=1e-6)
    assert ours[[1, 3]].tolist() == [0, 0]
    assert ours[ids].mean() == pytest.approx(1)


def test_of_several_labels_yes_and_no_weigh_the_same():
    sets = np.array([[1, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1]], np.float32)
    assert balanced_positive_weights(sets).tolist() == [3, 1, 1]
