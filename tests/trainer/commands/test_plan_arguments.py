import argparse

import pytest

from beam_jobs.errors import UserError
from trainer.commands.plan_arguments import add_plan_choices, chosen_plan
from trainer.plans.reading import read_plan


def chosen(*arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("plan")
    add_plan_choices(parser)
    return chosen_plan(parser.parse_args(["demo", *arguments]))


def test_without_flags_the_plan_stays_as_it_is():
    assert chosen() == read_plan("demo")


@pytest.mark.parametrize("seed", [0, 7])
def test_the_seed(seed):
    assert chosen("--seed", str(seed)).seed == seed


def test_what_can_be_changed():
    plan = chosen(
        "--model_class", "bert_base_cased", "--compute_dtype", "float32", "--init", "there", "--allow_missing", "pooler"
    )
    assert (plan.model.model_class, plan.model.compute_dtype) == ("bert_base_cased", "float32")
    assert (plan.init.checkpoint, plan.init.allow_missing) == ("there", ("pooler",))
    assert plan.phases == read_plan("demo").phases


def test_fewer_steps_and_a_toy():
    plan, half = read_plan("demo"), chosen("--steps_scale", "0.5")
    assert half.steps == sum(round(phase.steps / 2) for phase in plan.phases)
    assert chosen("--toy").model.config["num_hidden_layers"] == 2
    assert chosen("--toy").phases[0].batch == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--allow_missing", "pooler"], "--allow_missing belongs to a checkpoint to begin with"),
        (["--compute_dtype", "float64"], "--compute_dtype: "),
        (["--steps_scale", "0"], "--steps_scale 0.0 must be above 0"),
        (["--steps_scale", "nan"], "--steps_scale nan must be above 0"),
        (["--steps_scale", "2e9"], "--steps_scale 2000000000.0 must be above 0"),
        (["--steps_scale", "1e9"], "--steps_scale 1000000000.0: "),
    ],
)
def test_changes_that_make_no_sense(arguments, message):
    with pytest.raises(UserError, match=message):
        chosen(*arguments)
