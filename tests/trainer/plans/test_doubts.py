import pytest

from trainer.plans.doubts import EPOCHS, doubts_about_phases
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate

PHASE = Phase("128", 128, 10, 1000, LearningRate(1e-4))


def test_a_phase_that_reads_its_data_too_often():
    first, other = doubts_about_phases([PHASE, PHASE], [156, 156])
    assert first == other
    assert first.name == "epochs"
    assert "phase 128 reads each of 156 instances 64 times, more than 40" in first.text
    assert first.text.endswith("set phase.128.steps=624")


@pytest.mark.parametrize("instances", [10_000 // EPOCHS, 251, 10**9, None])
def test_at_the_threshold_and_below_there_is_none(instances):
    assert list(doubts_about_phases([PHASE], [instances])) == []


def test_just_above_the_threshold():
    assert len(list(doubts_about_phases([PHASE], [249]))) == 1
