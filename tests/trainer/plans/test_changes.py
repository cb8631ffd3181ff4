import tomllib

import pytest

from beam_jobs.errors import UserError
from trainer.plans.changes import apply_changes
from trainer.plans.reading import plan_names, plan_text, read_plan

PLAN = """
name = "p"
[optimizer]
name = "lamb"
[[phase]]
name = "128"
batch = 8
learning_rate = { peak = 1e-4 }
[[phase]]
name = "512"
batch = 4
"""


def changed(*changes):
    content = tomllib.loads(PLAN)
    apply_changes(content, changes)
    return content


def test_keys_of_the_plan_of_a_phase_and_of_all_phases():
    assert changed() == tomllib.loads(PLAN)
    content = changed("optimizer.weight_decay=0.1", "init.checkpoint=bert-base", "phase.128.batch = 2816", "seed=7")
    assert content["optimizer"] == {"name": "lamb", "weight_decay": 0.1}
    assert (content["init"], content["seed"]) == ({"checkpoint": "bert-base"}, 7)
    assert [phase["batch"] for phase in content["phase"]] == [2816, 4]
    assert [phase["batch"] for phase in changed("phase.*.batch=1")["phase"]] == [1, 1]
    assert changed("phase.128.learning_rate.peak=3e-4")["phase"][0]["learning_rate"] == {"peak": 3e-4}
    assert changed("name=a = b")["name"] == "a = b"
    assert changed('name="7"')["name"] == "7"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("batch", "must be KEY=VALUE, such as"),
        ("=3", "must be KEY=VALUE"),
        ("phase..batch=3", "must be KEY=VALUE"),
        ("phase.batch=3", "name a phase and its key, as in phase.128.batch=64, .* this plan has 128, 512"),
        ("phase.1288.batch=3", r"this plan has 128, 512; did you mean 128\?"),
        ("name.first=3", "name is a value, 'p', and holds no first"),
    ],
)
def test_what_is_no_change_is_refused(change, message):
    with pytest.raises(UserError, match=message):
        changed(change)


def test_a_changed_plan_is_checked_like_any_other():
    plan = read_plan("demo", ("phase.decay.batch=64", "log_every=10"))
    assert [phase.batch for phase in plan.phases] == [32, 64]
    with pytest.raises(
        UserError, match=r"demo\.toml:\d+: .* did you mean batch\? \(with --set phase\.decay\.btch=64\)"
    ):
        read_plan("demo", ("phase.decay.btch=64",))
    with pytest.raises(UserError, match=r"must be a whole number \(with --set"):
        read_plan("demo", ("phase.decay.batch=many",))


@pytest.mark.parametrize("name", plan_names())
def test_every_plan_can_be_copied_and_changed(name):
    text, path = plan_text(name)
    assert path.endswith(f"{name}.toml")
    assert read_plan(name, ("seed=3",)).seed == 3
    assert "#" in text
