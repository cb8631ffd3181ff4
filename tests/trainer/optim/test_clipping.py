import numpy as np
import pytest
from keras import ops

from trainer.optim.clipping import clip_by_global_norm

GRADIENTS = {"a": np.array([3.0, 0.0], np.float32), "b": np.array([[4.0]], np.float32)}


@pytest.mark.parametrize(("limit", "factor"), [(0.0, 1.0), (10.0, 1.0), (5.0, 1.0), (1.0, 0.2)])
def test_the_joint_norm_is_what_is_limited(limit, factor):
    clipped, norm = clip_by_global_norm(
        {path: ops.convert_to_tensor(value) for path, value in GRADIENTS.items()}, limit
    )
    assert float(norm) == pytest.approx(5.0)
    for path, value in GRADIENTS.items():
        np.testing.assert_allclose(np.asarray(clipped[path]), value * factor, rtol=1e-6)


def test_a_gradient_that_is_not_finite_shows_in_the_norm():
    _, norm = clip_by_global_norm({"a": ops.convert_to_tensor([np.nan, 1.0])}, 1.0)
    assert np.isnan(float(norm))
