import dataclasses

from tiny_tasks import GOOD

from trainer.finetuning.finetuning_plan import finetuning_plan
from trainer.optim.schedule import learning_rate
from trainer.plans.reading import plan_from_json


def plan(metric="macro_f1", **changes):
    settings = dataclasses.replace(GOOD, **changes)
    return finetuning_plan(settings, 2e-5, 7, sequence_length=128, steps_per_epoch=40, metric=metric)


def test_one_phase_with_warm_up_and_linear_decay():
    (phase,) = plan().phases
    assert (phase.steps, phase.batch, phase.sequence_length) == (120, 32, 128)
    rates = [learning_rate(phase.learning_rate, phase.steps, step) for step in (0, 6, 12, 66)]
    assert [round(rate / 2e-5, 6) for rate in rates] == [0.0, 0.5, 1.0, 0.5]
    assert (phase.optimizer.name, phase.optimizer.bias_correction, phase.optimizer.clip_norm) == ("adamw", True, 1.0)
    assert (plan().seed, plan().guard.on_spike) == (7, "ignore")


def test_every_epoch_is_evaluated_and_the_best_chosen():
    (phase,) = plan(patience=2).phases
    assert [step for step in range(1, 121) if phase.evaluation_due(step)] == [40, 80, 120]
    assert (phase.evaluation.metric, phase.evaluation.best, phase.evaluation.patience) == ("macro_f1", "highest", 2)
    assert plan("mae").phases[0].evaluation.best == plan("loss").phases[0].evaluation.best == "lowest"


def test_it_is_a_plan_that_can_be_written_and_read():
    assert plan_from_json(plan().to_json(), "plan.json") == plan()
    assert [list(part.problems()) for part in (plan(), *plan().phases)] == [[], []]
    assert plan(epochs=1).phases[0].steps == 40
