"""What each setting of a plan may be: the last good value and the first bad one."""

import dataclasses

import pytest

from trainer.plans import settings
from trainer.plans.settings import KeepRule, LearningRate

PARTS = {
    "model": settings.ModelSettings(),
    "init": settings.Initialisation(),
    "optimizer": settings.OptimizerSettings(),
    "rate": LearningRate(0.5),
    "masking": settings.Masking(),
    "evaluation": settings.Evaluation(),
    "keep": KeepRule(10),
    "checkpoint": settings.Checkpointing(),
    "guard": settings.Guard(),
}
GOOD = [
    ("model", {"compute_dtype": "float32"}),
    ("model", {"reduce_dtype": "bfloat16"}),
    ("model", {"shard_moments": True}),
    ("model", {"attention": "einsum"}),
    ("model", {"config": {"hidden_act": "gelu_new", "num_hidden_layers": 2}}),
    ("init", {"allow_missing": ("pooler", "masked_lm", "next_sentence")}),
    ("optimizer", {"name": "adamw", "beta_1": 0.0, "beta_2": 0.0, "weight_decay": 0.0, "clip_norm": 0.0}),
    ("rate", {"decay": "polynomial", "end": 0.5, "power": 0.1, "decay_from": "phase_start"}),
    ("rate", {"decay": "inverse_sqrt"}),
    ("masking", {"kind": "span", "replace_per": "word", "probability": 0.99}),
    ("evaluation", {"every": 0, "batches": 0, "split": "test"}),
    ("keep", {"every": 1, "until": 6, "after": 5}),
    ("checkpoint", {"every": 1, "keep_last": 1}),
    ("guard", {"on_nonfinite": "stop", "on_spike": "ignore", "spike_factor": 1.01, "max_rollbacks": 0}),
]
BAD = [
    ("model", {"model_class": ""}, "model_class"),
    ("model", {"compute_dtype": "float64"}, "compute_dtype"),
    ("model", {"compute_dtype": "float16"}, "compute_dtype"),
    ("model", {"reduce_dtype": "float16"}, "reduce_dtype"),
    ("model", {"attention": "flash"}, "attention"),
    ("model", {"config": {"hidden_sise": 1}}, "config.hidden_sise"),
    ("model", {"config": {"hidden_size": 0}}, "config.hidden_size"),
    ("init", {"allow_missing": ("encoder",)}, "allow_missing"),
    ("optimizer", {"name": "sgd"}, "name"),
    ("optimizer", {"beta_1": 1.0}, "beta_1"),
    ("optimizer", {"beta_2": -0.1}, "beta_2"),
    ("optimizer", {"epsilon": 0.0}, "epsilon"),
    ("optimizer", {"weight_decay": -0.1}, "weight_decay"),
    ("optimizer", {"clip_norm": -1.0}, "clip_norm"),
    ("rate", {"peak": 0.0}, "peak"),
    ("rate", {"peak": 1.0}, "peak"),
    ("rate", {"decay": "step"}, "decay"),
    ("rate", {"decay_from": "start"}, "decay_from"),
    ("rate", {"warmup_steps": -1}, "warmup_steps"),
    ("rate", {"decay_steps": -1}, "decay_steps"),
    ("rate", {"warmup_from": -0.1}, "warmup_from"),
    ("rate", {"end": -0.1}, "end"),
    ("rate", {"power": 0.0}, "power"),
    ("rate", {"end": 0.51}, "end"),
    ("masking", {"kind": "dynamic"}, "kind"),
    ("masking", {"probability": 0.0}, "probability"),
    ("masking", {"probability": 1.0}, "probability"),
    ("masking", {"replace_per": "span"}, "replace_per"),
    ("evaluation", {"every": -1}, "every"),
    ("evaluation", {"batches": -1}, "batches"),
    ("evaluation", {"split": "train"}, "split"),
    ("evaluation", {"best": "first"}, "best"),
    ("evaluation", {"patience": 2}, "patience"),
    ("evaluation", {"metric": "loss", "patience": -1}, "patience"),
    ("keep", {"every": 0}, "every"),
    ("keep", {"until": 5, "after": 5}, "until"),
    ("checkpoint", {"every": 0}, "every"),
    ("checkpoint", {"keep_last": 0}, "keep_last"),
    ("guard", {"on_nonfinite": "ignore"}, "on_nonfinite"),
    ("guard", {"on_spike": "skip"}, "on_spike"),
    ("guard", {"spike_factor": 1.0}, "spike_factor"),
    ("guard", {"max_rollbacks": -1}, "max_rollbacks"),
]


@pytest.mark.parametrize("part", PARTS)
def test_the_defaults_are_good(part):
    assert list(PARTS[part].problems()) == []


@pytest.mark.parametrize(("part", "changes"), GOOD)
def test_what_is_just_allowed(part, changes):
    assert list(dataclasses.replace(PARTS[part], **changes).problems()) == []


@pytest.mark.parametrize(("part", "changes", "field"), BAD)
def test_what_is_not(part, changes, field):
    found = list(dataclasses.replace(PARTS[part], **changes).problems())
    assert field in [name for name, _ in found]
    assert len({name for name, _ in found}) == 1
    assert all(problem for _, problem in found)


def test_berts_defaults():
    """What a plan need not say; plans that exist were written with these."""
    assert dataclasses.asdict(PARTS["optimizer"]) == {
        "name": "lamb",
        "weight_decay": 0.01,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-6,
        "bias_correction": True,
        "clip_norm": 1.0,
    }
    assert dataclasses.asdict(PARTS["masking"]) == {
        "kind": "whole_word",
        "probability": 0.15,
        "replace_per": "piece",
    }
    assert dataclasses.asdict(PARTS["guard"]) == {
        "on_nonfinite": "rollback",
        "on_spike": "rollback",
        "spike_factor": 2.0,
        "max_rollbacks": 3,
    }
    assert dataclasses.asdict(PARTS["evaluation"]) == {
        "every": 0,
        "batches": 50,
        "split": "dev",
        "metric": "",
        "best": "highest",
        "patience": 0,
    }


def test_which_checkpoints_a_rule_keeps():
    rule = KeepRule(every=10, until=40, after=10)
    assert [step for step in range(0, 61) if rule.keeps(step)] == [20, 30, 40]
    assert [step for step in range(0, 31) if KeepRule(10).keeps(step)] == [10, 20, 30]
