import pytest

from beam_jobs.execution.merge_counts import merge_counts

ROWS = [
    {"documents": 2, "lengths": [1, 2], "splits": {"train": {"n": 1}}},
    {"lengths": [1, 2, 3], "documents": 1, "splits": {"dev": {"n": 5}, "train": {"n": 2}}, "share": 0.5},
    {},
]


def test_numbers_lists_and_dictionaries_are_added():
    assert merge_counts(ROWS) == {
        "documents": 3,
        "lengths": [2, 4, 3],
        "splits": {"dev": {"n": 5}, "train": {"n": 3}},
        "share": 0.5,
    }


def test_the_order_of_the_rows_does_not_show():
    assert str(merge_counts(ROWS)) == str(merge_counts(ROWS[::-1]))
    assert list(merge_counts(ROWS)["splits"]) == ["dev", "train"]


def test_rows_are_left_as_they_were():
    rows = [{"a": [1], "b": {"c": 1}}, {"a": [2], "b": {"c": 1}}]
    merge_counts(rows)
    assert rows == [{"a": [1], "b": {"c": 1}}, {"a": [2], "b": {"c": 1}}]


def test_no_rows():
    assert merge_counts([]) == {}


@pytest.mark.parametrize("other", [{"a": [1]}, {"a": {"b": 1}}, {"a": "1"}, {"a": None}])
def test_rows_that_disagree_are_an_error(other):
    with pytest.raises(TypeError, match="'a'"):
        merge_counts([{"a": 1}, other])
    with pytest.raises(TypeError, match=r"'x\.a'"):
        merge_counts([{"x": {"a": 1}}, {"x": other}])
