import pytest

from beam_jobs.errors import UserError
from trainer.plans.distillation import Distillation
from trainer.plans.reading import plan_from_json, plan_from_toml, read_plan
from trainer.plans.scale import toy
from trainer.plans.writing import plan_to_toml

PHASE = 'name = "x"\n{table}\n[[phase]]\nname = "a"\nsequence_length = 8\nbatch = 8\nsteps = 8\nlearning_rate = {{ peak = 1e-3 }}\n{more}'


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"layers": -1}, "layers is -1: must not be negative"),
        ({"from_layers": (2, 1)}, r"from_layers is \[2, 1\]: name layers of the teacher once each"),
        ({"from_layers": (1, 1)}, "once each, in ascending order"),
        ({"from_layers": (0, 3), "layers": 3}, "layers is 3, but from_layers names 2"),
        ({"start": "zero"}, 'start is \'zero\': use "teacher" or "random"'),
        ({"start": "random", "from_layers": (1,)}, "from_layers is given, but start is random"),
        ({"mlm_weight": -1.0}, "mlm_weight is -1.0: must not be negative; 0 leaves this loss out"),
        ({"soft_weight": 0.0, "cos_weight": 0.0}, "nothing is learned from the teacher"),
        ({"temperature": 0.0}, "temperature is 0.0: must be above 0; 2 is DistilBERT's"),
        ({"positions": "some"}, 'positions is \'some\': use "masked" or "all"'),
    ],
)
def test_each_wrong_setting_is_told_with_its_remedy(changes, problem):
    with pytest.raises(UserError, match=f"distillation.{problem}|{problem}"):
        Distillation(**changes).validate()


def test_the_defaults_are_those_of_distilbert():
    settings = Distillation()
    settings.validate()
    assert (settings.soft_weight, settings.mlm_weight, settings.cos_weight, settings.temperature) == (5, 2, 1, 2)
    assert settings.predicts
    assert not Distillation(soft_weight=0.0, mlm_weight=0.0).predicts


def test_the_shipped_plan_has_the_published_settings():
    plan = read_plan("distilbert")
    assert plan.distillation == Distillation()
    phase = plan.phases[0]
    assert (phase.learning_rate.peak, phase.learning_rate.warmup_steps) == (5e-4, phase.steps // 20)
    chosen = phase.optimizer
    assert (chosen.name, chosen.beta_1, chosen.beta_2, chosen.epsilon) == ("adamw", 0.9, 0.98, 1e-6)
    assert (chosen.weight_decay, chosen.clip_norm, chosen.bias_correction) == (0.0, 5.0, True)


def test_the_table_is_read_and_written():
    plan = plan_from_toml(PHASE.format(table="[distillation]\nlayers = 3", more="next_sentence_weight = 0"), "x.toml")
    assert plan.distillation == Distillation(layers=3)
    for each in (plan, read_plan("distilbert"), read_plan("demo")):
        assert plan_from_toml(plan_to_toml(each), "x.toml") == each
        assert plan_from_json(each.to_json(), "plan.json") == each
    assert read_plan("demo").distillation is None


@pytest.mark.parametrize(
    ("table", "more", "problem"),
    [
        ("[distillation]\nlayer = 3", "next_sentence_weight = 0", "x.toml:3: distillation has no setting 'layer'"),
        (
            "[distillation]\ntemperature = -1.0",
            "next_sentence_weight = 0",
            "x.toml:3: distillation.temperature is -1.0",
        ),
        ("distillation = 3", "next_sentence_weight = 0", "x.toml:2: distillation must be a table"),
        ("[distillation]", "", "phase 'a' has next_sentence_weight 1.0: distillation has no second-segment loss"),
    ],
)
def test_mistakes_are_told_with_their_line(table, more, problem):
    with pytest.raises(UserError, match=problem):
        plan_from_toml(PHASE.format(table=table, more=more), "x.toml")


def test_a_toy_student_is_as_wide_as_its_teacher():
    assert dict(toy(read_plan("distilbert")).model.config) == {}
