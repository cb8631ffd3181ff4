import pytest

from beam_jobs.errors import UserError
from trainer.plans.reading import PLANS_FOLDER, plan_from_toml, plan_names, read_plan

GOOD = """\
name = "mine"

[optimizer]
name = "lamb"
weight_decay = 0.02

[[phase]]
name = "first"
sequence_length = 128
batch = 64
steps = 1000
learning_rate = { peak = 4e-4, warmup_steps = 100 }

[[phase]]
name = "second"
sequence_length = 512
batch = 16
steps = 500
[phase.learning_rate]
peak = 4e-4
decay = "linear"
[phase.optimizer]
weight_decay = 0.0
"""


def test_a_plan_is_read_and_phases_override_the_common_optimizer():
    plan = plan_from_toml(GOOD, "mine.toml")
    first, second = plan.phases
    assert (first.optimizer.name, first.optimizer.weight_decay) == ("lamb", 0.02)
    assert (second.optimizer.name, second.optimizer.weight_decay) == ("lamb", 0.0)
    assert (first.predictions, second.predictions) == (19, 77)
    assert plan.steps == 1500
    assert [plan.phase_index(step) for step in (0, 999, 1000, 1499, 1500)] == [0, 0, 1, 1, 2]


MISTAKES = {
    "an unknown setting": ("weight_decay = 0.02", "weight_decy = 0.02", 5, "did you mean weight_decay"),
    "a wrong type": ("steps = 1000", 'steps = "1000"', 11, "whole number"),
    "a bool for a number": ("batch = 64", "batch = true", 10, "whole number"),
    "an unknown optimizer": ('name = "lamb"', 'name = "sgd"', 4, '"lamb" or "adamw"'),
    "an unknown decay": ('decay = "linear"', 'decay = "slow"', 21, "cosine"),
    "a rate out of range": ("peak = 4e-4, warm", "peak = 4, warm", 12, "4e-4 for LAMB"),
    "a warm-up longer than its phase": ("warmup_steps = 100", "warmup_steps = 1000", 11, "ends before the warm-up"),
    "a missing setting": ("batch = 64\n", "", 7, "no batch: add it"),
    "micro batches that do not divide": ("batch = 64", "accumulation = 5\nbatch = 64", 11, "65 would"),
    "broken TOML": ('[[phase]]\nname = "second"', '[[phase]\nname = "second"', 14, "not TOML"),
    "two phases of one name": ('name = "second"', 'name = "first"', 7, "rename one"),
    "an inline table's key": ("warmup_steps = 100", "warm_up = 100", 12, "did you mean"),
    "a table that is a number": ("steps = 500", "steps = 500\nmasking = 3", 19, "must be a table"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_bad_plan_is_refused_with_the_line_and_the_remedy(mistake):
    old, new, line, remedy = MISTAKES[mistake]
    assert old in GOOD
    with pytest.raises(UserError) as error:
        plan_from_toml(GOOD.replace(old, new, 1), "mine.toml")
    message = str(error.value)
    assert message.startswith(f"mine.toml:{line}: "), message
    assert remedy in message
    assert "\n" not in message


def test_an_unknown_plan_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match="did you mean notram_mbert"):
        read_plan("notram_mber")
    with pytest.raises(UserError, match="cannot read the plan"):
        read_plan("no/such/plan.toml")


def test_a_plan_without_phases_is_refused():
    with pytest.raises(UserError, match=r"x\.toml:1: phase is missing"):
        plan_from_toml('name = "x"', "x.toml")


@pytest.mark.parametrize("name", plan_names())
def test_every_shipped_plan_is_valid_and_opens_with_its_facts(name):
    plan = read_plan(name)
    assert plan.name == name
    assert plan.description
    comments = [
        line for line in (PLANS_FOLDER / f"{name}.toml").read_text().split("\n\nname =")[0].splitlines() if line
    ]
    assert all(line.startswith("#") for line in comments)
    for fact in ("# Command ", "# Hardware ", "# Hours ", "# Published "):
        assert any(line.startswith(fact) for line in comments), fact
    assert any(f"--plan {name}" in line for line in comments)


def test_the_recipes_are_as_published():
    shapes = {
        name: [
            (p.sequence_length, p.batch, p.steps, p.optimizer.name, p.learning_rate.peak)
            for p in read_plan(name).phases
        ]
        for name in plan_names()
    }
    assert shapes["notram_mbert"][:2] == [(128, 2760, 700_000, "lamb", 4e-4), (512, 384, 300_000, "lamb", 4e-4)]
    assert sum(steps for _, _, steps, _, _ in shapes["notram_mbert"]) == 2_000_000
    assert shapes["notram_mbert_planned"][0] == (128, 2760, 50 * 10_000, "lamb", 4e-4)
    assert shapes["notram_mbert_planned"][2] == (128, 2760, 50 * 5_000, "lamb", 4e-4)
    assert shapes["devlin"] == [(128, 256, 900_000, "adamw", 1e-4), (512, 256, 100_000, "adamw", 1e-4)]
    assert shapes["devlin_mbert"] == [(128, 256, 900_000, "adamw", 2e-5), (512, 256, 100_000, "adamw", 2e-5)]
    assert sum(steps for _, _, steps, _, _ in shapes["norwegian_cased_50k"]) == 3_800_000
    assert [shape[:2] for shape in shapes["pod"]] == [(128, 32_768), (512, 5_120)]
    assert sum(steps for _, _, steps, _, _ in shapes["pod"]) == 380_000
    assert shapes["multiberts"] == [(512, 256, 2_000_000, "adamw", 1e-4)]
    ((length, batch, steps, _, _),) = shapes["one_node_bert_base"]
    assert length * batch * steps == pytest.approx(32.8e9, rel=2e-3)
    assert shapes["albert_base"] == [(512, 4096, 125_000, "lamb", 1.76e-3)]
    assert shapes["roberta_base"] == [(512, 8192, 500_000, "adamw", 6e-4)]
    assert shapes["codebert"] == [(512, 2048, 100_000, "adamw", 5e-4)]
    assert shapes["small_cpu"] == [(64, 64, 14_000, "adamw", 3e-3)]


def test_the_original_schedule_is_one_line_over_both_phases():
    from trainer.optim.schedule import learning_rate

    first, second = read_plan("original_bert").phases
    for step in (10_000, 300_000, 899_999):
        assert learning_rate(first.learning_rate, first.steps, step) == pytest.approx(1e-4 * (1 - step / 1e6))
    for step in (0, 50_000, 99_999):
        wanted = 1e-4 * (1 - (900_000 + step) / 1e6)
        assert learning_rate(second.learning_rate, second.steps, step) == pytest.approx(wanted)
