import pytest

from beam_jobs.inputs.plan_ranges import InputItem, InputPiece
from beam_jobs.inputs.sample_items import sample_items


def items_of(sizes):
    return [InputItem(i, size, (InputPiece(f"{i}.txt", f"{i}.txt", "", 0, -1, size),)) for i, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("wanted", "chosen"), [(0, 100), (1, 1), (1_000, 10), (9_999, 100), (10_000, 100), (10**9, 100)]
)
def test_a_sample_is_about_as_large_as_wanted(wanted, chosen):
    assert len(sample_items(items_of([100] * 100), wanted)) == chosen


def test_a_sample_is_spread_evenly_at_random_and_always_the_same():
    items = items_of([100] * 1000)
    sample = sample_items(items, 10_000)
    assert [item.index // 10 for item in sample] == list(range(100))
    assert len({item.index % 10 for item in sample}) == 10
    assert sample == sample_items(items, 10_000)
    assert sample[:5] == [items[place] for place in (6, 13, 28, 39, 44)]
