"""What a folder of records says of itself."""

import pytest

from beam_jobs.records import Manifest
from trainer.data.corpus_folder import CorpusFolder


@pytest.mark.parametrize(
    ("settings", "labels", "count"),
    [
        ({"objective": "nsp"}, ("B follows A", "B is random or swapped"), 2),
        ({"objective": "structural"}, ("B follows A", "A follows B", "B is random"), 3),
        ({"objective": "full_sentences"}, (), 0),
        ({"objective": "full_sentences"}, None, 0),  # of an earlier version
        ({"objective": "sop"}, None, 2),
    ],
)
def test_how_many_labels_the_records_have(settings, labels, count):
    assert CorpusFolder("data", Manifest("instances", "h", settings, (), labels=labels)).labels == count


def test_records_of_other_tools_have_the_two_labels_of_bert():
    assert CorpusFolder("data", None).labels == 2
