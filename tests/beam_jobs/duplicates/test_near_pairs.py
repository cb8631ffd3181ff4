from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.duplicates.near_pairs import LINKS_BACK, link_band, near_pairs


def plain_links(keys: list[int], ranks: list[int]) -> list[tuple[int, int]]:
    links = []
    for key in set(keys) - {0}:
        group = sorted(rank for rank, other in zip(ranks, keys, strict=True) if other == key)
        for place, later in enumerate(group):
            before = group[:place]
            links += [(earlier, later) for earlier in {*before[:1], *before[-LINKS_BACK:]}]
    return sorted(links)


@given(st.lists(st.integers(0, 3), max_size=25), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_links_to_the_first_and_the_three_before(keys: list[int], draws) -> None:
    ranks = draws.sample(range(len(keys)), len(keys))
    earlier, later = link_band(np.array(keys, np.uint64), np.array(ranks, np.int64))
    assert sorted(zip(earlier.tolist(), later.tolist(), strict=True)) == plain_links(keys, ranks)


def test_at_most_four_links_for_each_document() -> None:
    earlier, later = link_band(np.ones(100_000, np.uint64), np.arange(100_000))
    assert np.bincount(later).max() == 4
    assert len(earlier) < 400_000


@given(st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), max_size=8), st.integers(1, 4))
@settings(deadline=None)
def test_pairs_are_the_links_that_enough_bands_have(bands: list[list[int]], least: int) -> None:
    ranks = list(range(len(bands)))[::-1]
    counts = Counter(link for band in zip(*bands, strict=True) for link in plain_links(list(band), ranks))
    expected = sorted((later, earlier, shared) for (earlier, later), shared in counts.items() if shared >= least)
    pairs = near_pairs(np.array(bands, np.uint64).reshape(-1, 4), np.array(ranks, np.int64), least)
    found = zip(pairs.later.tolist(), pairs.earlier.tolist(), pairs.shared_bands.tolist(), strict=True)
    assert list(found) == expected


def test_no_bands_no_pairs() -> None:
    assert len(near_pairs(np.empty((3, 0), np.uint64), np.arange(3)).later) == 0
