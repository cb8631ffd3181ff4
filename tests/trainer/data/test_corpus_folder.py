"""What a folder of records says of itself."""

import pytest

from beam_jobs.errors import UserError
from beam_jobs.records import Manifest
from trainer.data.corpus_folder import CorpusFolder, fit_phase
from trainer.plans.plan import LearningRate, Phase


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


def phase_of(max_predictions: int) -> Phase:
    return Phase("short", 128, 8, 10, LearningRate(1e-3), max_predictions)


def records(masking: str) -> CorpusFolder:
    return CorpusFolder("data", Manifest("instances", "h", {"masking": masking, "max_predictions_per_seq": 19}, ()))


def test_records_that_are_masked_decide_the_predictions():
    assert fit_phase(phase_of(0), records("whole_word")).max_predictions == 19
    assert fit_phase(phase_of(19), records("whole_word")).max_predictions == 19
    with pytest.raises(UserError, match="phase short has max_predictions 7, but the records in data have 19"):
        fit_phase(phase_of(7), records("whole_word"))


def test_records_that_are_not_masked_yet_take_those_of_the_plan():
    assert fit_phase(phase_of(0), records("dynamic")).max_predictions == 19
    assert fit_phase(phase_of(7), records("dynamic")).max_predictions == 7
