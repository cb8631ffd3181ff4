import pytest

from trainer.plans.reading import plan_from_toml, plan_names, read_plan
from trainer.plans.writing import plan_to_toml

TEXT = """name = "it's a \\"plan\\""
seed = 7

[model]
model_class = "nb"
config = { hidden_size = 32, hidden_act = "gelu_new" }

[checkpoint]
keep = [{ every = 10, until = 20 }, { every = 5 }]
keep_phase_ends = false

[[phase]]
name = "a"
sequence_length = 128
batch = 8
steps = 10
learning_rate = { peak = 0.0001, warmup_steps = 5 }

[[phase]]
name = "b"
sequence_length = 128
batch = 8
steps = 10
learning_rate = { peak = 0.5 }
optimizer = { name = "adamw", bias_correction = false }
"""


def test_a_plan_is_written_without_what_is_at_its_default():
    assert plan_to_toml(plan_from_toml(TEXT, "t")) == TEXT


@pytest.mark.parametrize("name", plan_names())
def test_a_shipped_plan_is_read_back_as_the_same(name):
    plan = read_plan(name)
    assert plan_from_toml(plan_to_toml(plan), "again") == plan
