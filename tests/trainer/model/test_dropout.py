import numpy as np
import pytest
from keras import ops

from trainer.model.dropout import dropout, site_key


def mask(rate, key, shape=(500, 400)):
    return ops.convert_to_numpy(dropout(ops.ones(shape), rate, key)) == 0


def key(low=1, high=2, site=0):
    return site_key(ops.convert_to_tensor([low, high], "uint32"), site)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_of_zeros_is_the_rate(rate):
    dropped = mask(rate, key())
    deviation = np.sqrt(rate * (1 - rate) / dropped.size)
    assert abs(dropped.mean() - rate) < 4 * deviation
    for axis in (0, 1):  # no row or column stands out
        share = dropped.mean(axis)
        expected = np.sqrt(rate * (1 - rate) / dropped.shape[axis])
        assert share.std() == pytest.approx(expected, rel=0.15)


def test_what_is_kept_is_scaled_so_that_the_mean_stays():
    values = ops.convert_to_numpy(dropout(ops.ones((10, 10)), 0.25, key()))
    assert set(np.unique(values)) == {0.0, np.float32(1 / 0.75)}


def test_masks_of_neighbours_are_independent():
    dropped = mask(0.5, key()).astype(float)
    others = {
        "next element": np.roll(dropped, 1, axis=1),
        "next row": np.roll(dropped, 1, axis=0),
        "next site": mask(0.5, key(site=1)),
        "next step": mask(0.5, key(high=3)),
        "next seed": mask(0.5, key(low=2)),
    }
    for name, other in others.items():
        correlation = np.corrcoef(dropped.ravel(), other.astype(float).ravel())[0, 1]
        assert abs(correlation) < 4 / np.sqrt(dropped.size), name


def test_the_mask_is_a_function_of_the_key_and_the_index():
    assert np.array_equal(mask(0.3, key()), mask(0.3, key()))
    whole, part = mask(0.3, key(), (8, 16)), mask(0.3, key(), (4, 16))
    assert np.array_equal(whole[:4], part)


def test_without_a_key_or_a_rate_nothing_happens():
    x = ops.ones((3, 3))
    assert dropout(x, 0.5, None) is x
    assert dropout(x, 0.0, key()) is x


def test_tensorflow_draws_the_same_mask(on_tensorflow):
    drawn = dropout(ops.ones((64, 33)), 0.3, site_key(ops.convert_to_tensor([3, 5], "uint32"), 7))
    assert np.array_equal(ops.convert_to_numpy(drawn), on_tensorflow["mask"])
