import dataclasses
import json
import math

import pytest
from tiny_run import run, synthetic_data, tiny_plan

from beam_jobs.errors import UserError
from trainer.plans.settings import Evaluation
from trainer.run.checkpoint import Checkpoints
from trainer.training.best import Best, best_after, ends_early, out_of_patience, require_metric

pytestmark = pytest.mark.usefixtures("quick_compilation")

F1 = Evaluation(metric="f1", patience=2)
LOSS = Evaluation(metric="loss", best="lowest")


def bests(settings, values):
    found, best = [], None
    for number, value in enumerate(values, 1):
        best = best_after(best, settings, {settings.metric: value}, 10 * number)
        found.append(best)
    return found


def test_the_best_is_the_first_of_the_highest_and_the_one_before_is_remembered():
    assert bests(F1, [0.5, 0.7, 0.7, 0.6, 0.8]) == [
        Best(0.5, 10),
        Best(0.7, 20, former=10),
        Best(0.7, 20, former=10, waited=1),
        Best(0.7, 20, former=10, waited=2),
        Best(0.8, 50, former=20),
    ]


def test_a_loss_is_best_when_it_is_lowest():
    assert [best.step for best in bests(LOSS, [3.0, 2.0, 2.5])] == [10, 20, 20]


def test_what_is_no_number_is_never_better():
    assert [best.step for best in bests(F1, [math.nan, 0.1, math.nan])] == [10, 20, 20]


def test_without_a_metric_there_is_no_best():
    assert best_after(None, Evaluation(), {"loss": 1.0}, 1) is None
    assert not out_of_patience(None, F1)


def test_a_metric_that_is_not_there_is_named():
    with pytest.raises(
        UserError, match=r"evaluation.metric is 'f1', but an evaluation has only loss; name one of them"
    ):
        best_after(None, F1, {"loss": 1.0, "instances": 3}, 1)


def test_a_metric_is_checked_before_training():
    phase = dataclasses.replace(tiny_plan().phases[0], evaluation=F1)
    require_metric(phase, ("loss", "f1"))
    require_metric(tiny_plan().phases[0], ())
    with pytest.raises(UserError, match=r"phase short: evaluation.metric is 'f1', but its evaluations have loss; name"):
        require_metric(phase, ("loss",))


def test_patience_ends_the_run_of_that_phase():
    waited = [out_of_patience(best, F1) for best in bests(F1, [0.5, 0.4, 0.4, 0.4])]
    assert waited == [False, False, True, True]
    plan = tiny_plan()
    patient = plan.with_phases([dataclasses.replace(plan.phases[0], evaluation=F1), plan.phases[1]])
    assert ends_early(patient, 12, Best(0.5, 4, waited=2))
    assert not ends_early(patient, 13, Best(0.5, 4, waited=2)), "the next phase has no patience to lose"


# --- in the loop

SCORES = {2: 0.3, 4: 0.6, 6: 0.5, 8: 0.4, 10: 0.9, 12: 0.1}


def plan_with(patience):
    """The first of the tiny phases, evaluated every 2 steps; its checkpoints are kept for the best alone."""
    plan = tiny_plan("checkpoint = { every = 100, keep_last = 1, keep_phase_ends = false }")
    evaluation = Evaluation(every=2, metric="f1", patience=patience)
    return plan.with_phases([dataclasses.replace(plan.phases[0], evaluation=evaluation)])


def train(output, patience, **options):
    plan = plan_with(patience)
    (data,) = synthetic_data(plan)

    def evaluator(model, task, runtime):
        figures = dict.fromkeys(task.figures, 0.0)
        return lambda state: {**figures, "f1": SCORES[int(state["step"])], "instances": 8.0}

    return run(plan, output, data=[dataclasses.replace(data, evaluator=evaluator)], **options)


def checkpoints_of(output):
    checkpoints = Checkpoints(str(output))
    steps = checkpoints.steps()
    checkpoints.close()
    return steps


def test_the_best_checkpoint_is_kept(tmp_path):
    loop = train(tmp_path, 0)
    assert loop.progress.best == Best(0.9, 10, former=4, waited=1)
    assert checkpoints_of(tmp_path) == [4, 10, 12]
    records = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [record["f1"] for record in records if record["kind"] == "evaluation"] == list(SCORES.values())


def test_patience_is_kept_across_an_interruption(tmp_path):
    train(tmp_path / "whole", 2)
    train(tmp_path / "parts", 2, last_step=7)
    loop = train(tmp_path / "parts", 2)
    assert (loop.progress.step, loop.progress.best) == (8, Best(0.6, 4, former=2, waited=2))
    assert checkpoints_of(tmp_path / "parts") == checkpoints_of(tmp_path / "whole") == [2, 4, 8]
    assert train(tmp_path / "parts", 2).progress.step == 8, "and a further launch does not go on"
