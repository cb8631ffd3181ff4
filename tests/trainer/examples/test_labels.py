import numpy as np
import pytest

from beam_jobs.errors import UserError
from trainer.examples.example import Place
from trainer.examples.labels import Labels, labels_of

HERE = Place("dev.tsv", 7)


def test_labels_are_sorted_whatever_the_order_of_the_file():
    assert labels_of(["neg", "pos", "neg"]) == labels_of(["pos", "neg"]) == Labels(("neg", "pos"))


def test_numbers_are_sorted_by_value():
    assert labels_of(["10", "2", "-1"]).names == ("-1", "2", "10")
    assert labels_of(["10", "2", "x"]).names == ("10", "2", "x")


def test_ids_follow_the_order_of_names():
    labels = Labels(("pos", "neg"))
    assert labels.id("neg", HERE) == 1
    found = labels.ids([("neg", HERE), ("pos", HERE)])
    assert found.dtype == np.int32
    assert found.tolist() == [1, 0]
    assert "neg" in labels
    assert "x" not in labels
    assert len(labels) == 2


def test_an_unknown_label_names_file_row_count_and_the_known_ones():
    labels = Labels(("pos", "neg"))
    with pytest.raises(UserError, match=r"^dev.tsv:7: the label 'other' \(in all 2 times\) is none of pos, neg; "):
        labels.ids([("pos", Place("dev.tsv", 6)), ("other", HERE), ("other", Place("dev.tsv", 8))])
    with pytest.raises(UserError, match=r"'Pos' is none of pos, neg; did you mean pos\?"):
        labels.id("Pos", HERE)


@pytest.mark.parametrize("names", [(), ("a", "a"), ("a", " ")])
def test_useless_names_are_refused(names):
    with pytest.raises(UserError, match=r"^--labels "):
        Labels(names).validate()
