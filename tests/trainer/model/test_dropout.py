import numpy as np
import pytest
from keras import ops

from trainer.model.dropout import dropout, site_key


def mask(rate, key, shape=(500, 400), rows=None):
    rows = np.arange(shape[0]) if rows is None else rows
    return ops.convert_to_numpy(dropout(ops.ones(shape), rate, key, np.asarray(rows, np.uint32))) == 0


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
    values = ops.convert_to_numpy(dropout(ops.ones((10, 10)), 0.25, key(), np.arange(10, dtype=np.uint32)))
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


def test_the_mask_follows_from_the_place_of_the_instance_not_from_what_stands_beside_it():
    whole = mask(0.3, key(), (8, 5, 3))
    assert np.array_equal(mask(0.3, key(), (3, 5, 3), rows=[6, 1, 4]), whole[[6, 1, 4]])
    assert not np.array_equal(whole[0], whole[1])


def test_a_matrix_of_pieces_has_the_mask_of_its_instances():
    whole = mask(0.3, key(), (8, 5, 3))
    assert np.array_equal(mask(0.3, key(), (8 * 5, 3), rows=range(8)), whole.reshape(8 * 5, 3))


def test_the_bits_are_those_of_this_formula():
    """Checkpoints of a run that goes on rely on it, and so do kernels that draw the same masks."""

    def hash_of(x):
        x = ((x ^ (x >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
        x = ((x ^ (x >> 15)) * 0x846CA68B) & 0xFFFFFFFF
        return x ^ (x >> 16)

    first, second = (int(value) for value in ops.convert_to_numpy(key()))
    found = mask(0.3, key(), (2, 4, 3), rows=[7, 2**31 + 5])
    for place, row in enumerate((7, 2**31 + 5)):
        for element in range(12):
            bits = hash_of(hash_of(element ^ first) ^ hash_of(row ^ second))
            assert found[place].flat[element] == ((bits >> 8) >= round(0.7 * 2**24))


def test_without_a_key_or_a_rate_nothing_happens():
    x = ops.ones((3, 3))
    assert dropout(x, 0.5, None, None) is x
    assert dropout(x, 0.0, key(), np.arange(3, dtype=np.uint32)) is x


def test_tensorflow_draws_the_same_mask(on_tensorflow):
    key = site_key(ops.convert_to_tensor([3, 5], "uint32"), 7)
    drawn = dropout(ops.ones((64, 33)), 0.3, key, np.arange(32, dtype=np.uint32))
    assert np.array_equal(ops.convert_to_numpy(drawn), on_tensorflow["mask"])
