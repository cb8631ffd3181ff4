import numpy as np

from beam_jobs.duplicates.band_keys import BANDS, ROWS, band_keys


def signatures(documents: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 2**32, (documents, BANDS * ROWS), np.uint32)


def test_a_band_is_shared_only_if_all_its_lanes_are() -> None:
    base = signatures(1)
    for lane in range(BANDS * ROWS):
        other = base.copy()
        other[0, lane] ^= np.uint32(1)
        same = band_keys(np.concatenate([base, other]), np.ones(2, np.int64))
        assert np.flatnonzero(same[0] != same[1]).tolist() == [lane // ROWS]


def test_equal_lanes_in_another_band_are_another_key() -> None:
    keys = band_keys(np.zeros((1, BANDS * ROWS), np.uint32), np.ones(1, np.int64))
    assert len(np.unique(keys)) == BANDS


def test_a_document_without_words_has_no_key() -> None:
    keys = band_keys(signatures(3), np.array([5, 0, 1]))
    assert (keys == 0).any(axis=1).tolist() == [False, True, False]
    assert not keys[1].any()
