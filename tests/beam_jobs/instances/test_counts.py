"""Counts add up, and stand in the statistics with an entry for each label."""

import dataclasses

import pytest

from beam_jobs.instances.counts import InstanceCounts, labels_of


def test_counts_add_up():
    counts = dataclasses.replace(
        InstanceCounts.empty(8, 2), instances=3, lengths=[0] * 8 + [3], masked={"mask": 2, "random": 0, "kept": 1}
    )
    total = counts + counts + InstanceCounts.empty(8, 2)
    assert total.instances == 6
    assert total.lengths == [0] * 8 + [6]
    assert total.to_json()["masked"] == {"mask": 4, "random": 0, "kept": 2}
    with pytest.raises(ValueError, match="argument"):
        counts + InstanceCounts.empty(9, 2)


def test_labels_are_entries_of_their_own_among_the_others_in_their_place():
    counts = dataclasses.replace(InstanceCounts.empty(8, 2, labels=3), instances=6, labels=[1, 2, 3])
    values = counts.to_json()
    assert list(values)[:5] == ["instances", "label_0", "label_1", "label_2", "pieces"]
    assert [values[name] for name in ("label_0", "label_1", "label_2")] == [1, 2, 3]
    assert InstanceCounts.from_json({**dict(sorted(values.items())), "more": 1}) == counts


def test_there_are_two_labels_at_least():
    assert InstanceCounts.empty(8, 2, labels=0).labels == [0, 0]
    assert labels_of({"label_0": 3, "label_1": 4, "labels": 9}) == [3, 4]
    assert labels_of({}) == []
