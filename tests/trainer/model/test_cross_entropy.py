import numpy as np

from trainer.model.cross_entropy import cross_entropy


def test_cross_entropy_is_the_log_of_the_probability_of_the_label():
    logits = np.log(np.array([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]], np.float32))
    loss, correct = cross_entropy(logits, np.array([0, 1]))
    np.testing.assert_allclose(loss, -np.log([0.7, 0.25]), rtol=1e-6)
    np.testing.assert_array_equal(correct, [1.0, 0.0])
