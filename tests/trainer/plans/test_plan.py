import dataclasses

import pytest

from trainer.plans.plan import Phase, Plan
from trainer.plans.settings import LearningRate

RATE = LearningRate(1e-3)


def phase(**changes):
    return Phase(**{"name": "p", "sequence_length": 128, "batch": 8, "steps": 10, "learning_rate": RATE, **changes})


PLAN = Plan("t", (phase(name="a", steps=10), phase(name="b", steps=5, sequence_length=256), phase(name="c", steps=1)))


@pytest.mark.parametrize(("given", "length", "predictions"), [(0, 128, 19), (0, 512, 77), (0, 8, 1), (7, 128, 7)])
def test_predictions_are_those_asked_for_or_fifteen_percent(given, length, predictions):
    assert phase(max_predictions=given, sequence_length=length).predictions == predictions


def test_steps_are_counted_over_all_phases():
    assert PLAN.steps == 16
    assert [PLAN.first_step(i) for i in range(3)] == [0, 10, 15]
    assert [PLAN.phase_index(step) for step in (0, 9, 10, 14, 15, 16, 99)] == [0, 0, 1, 1, 2, 3, 3]


def test_phases_over_the_same_rows_go_on_where_the_last_one_stopped():
    plan = PLAN.with_phases([phase(batch=8, steps=10), phase(sequence_length=256), phase(batch=16), phase(batch=24)])
    assert [plan.first_data_step(i) for i in range(4)] == [0, 0, 5, 10]  # 80 rows; 80 + 160 rows
    odd = PLAN.with_phases([phase(batch=8, steps=1), phase(batch=6)])
    assert odd.first_data_step(1) == 2, "less than a batch is left out, and none comes twice"
    other = [{"data": "x"}, {"max_predictions": 5}, {"packing": True}, {"sequence_length": 64}]
    for change in other:
        assert PLAN.with_phases([phase(), phase(**change)]).first_data_step(1) == 0


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sequence_length": 7}, ("sequence_length", "is 7: must lie between 8 and 4096")),
        ({"sequence_length": 4097, "max_predictions": 1}, ("sequence_length", "is 4097: must lie")),
        ({"batch": 0}, ("batch", "is 0: must be at least 1 and at most 2,147,483,647")),
        ({"steps": 2**31}, ("steps", "is 2147483648: must be")),
        ({"accumulation": -1}, ("accumulation", "is -1: must not be negative")),
        ({"batch": 10, "accumulation": 4}, ("batch", "10 does not divide into 4 micro batches; 8 would")),
        ({"batch": 3, "accumulation": 8}, ("batch", "3 does not divide into 8 micro batches; 8 would")),
        ({"max_predictions": 128}, ("max_predictions", "is 128: must be below sequence_length 128")),
        ({"learning_rate": LearningRate(1e-3, warmup_steps=10)}, ("steps", "10 ends before the warm-up does")),
        ({"next_sentence_weight": -0.5}, ("next_sentence_weight", "is -0.5: must not be negative")),
        ({"on_corrupt": "ignore"}, ("on_corrupt", "is 'ignore': use error or skip")),
    ],
)
def test_each_mistake_of_a_phase_is_named(changes, problem):
    (found,) = phase(**changes).problems()
    assert found[0] == problem[0]
    assert found[1].startswith(problem[1])


def test_what_is_just_allowed():
    for changes in (
        {"sequence_length": 8},
        {"sequence_length": 4096},
        {"batch": 2**31 - 1},
        {"batch": 8, "accumulation": 4},
        {"max_predictions": 127},
        {"learning_rate": LearningRate(1e-3, warmup_steps=9)},
        {"next_sentence_weight": 0.0},
    ):
        assert list(phase(**changes).problems()) == []


def test_a_good_plan_has_no_problems_and_its_json_has_every_setting():
    assert list(PLAN.problems()) == []
    content = PLAN.to_json()
    assert set(content) == {field.name for field in dataclasses.fields(Plan)}
    assert set(content["phase"][0]) == {field.name for field in dataclasses.fields(Phase)}
