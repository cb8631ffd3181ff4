"""Whatever decides the weights is part of a run's identity; whatever does not is not."""

import dataclasses
import json
from functools import partial

import pytest
from tiny_run import TINY, tiny_plan

from beam_jobs.errors import UserError
from trainer.model.config import BertConfig
from trainer.plans.plan import Phase
from trainer.plans.settings import Evaluation, LearningRate, Masking, OptimizerSettings
from trainer.run.run_identity import claim_output, identity_of, read_facts, read_identity, read_plan_of
from trainer.run.tokenization_facts import TokenizationFacts

CONFIG = BertConfig(**TINY)
DECIDES = {
    "sequence_length": 24,
    "batch": 16,
    "steps": 13,
    "learning_rate": LearningRate(peak=2e-2, warmup_steps=4),
    "max_predictions": 3,
    "packing": True,
    "next_sentence_weight": 0.5,
    "reset_moments": True,
    "optimizer": OptimizerSettings(weight_decay=0.02),
    "masking": Masking(kind="span"),
}
FREE = {
    "name": "other",
    "data": "folder",
    "accumulation": 4,
    "on_corrupt": "skip",
    "evaluation": Evaluation(every=3),
}
PARTS = {
    "learning_rate": LearningRate(peak=1e-2, warmup_steps=4),
    "optimizer": OptimizerSettings(),
    "masking": Masking(),
}
OTHER = {str: "linear", int: 7, float: 0.25, bool: False}


def with_phase(**changes):
    plan = tiny_plan()
    return plan.with_phases([dataclasses.replace(plan.phases[0], **changes), plan.phases[1]])


def refused(plan, tmp_path, config=CONFIG, data=("a", "b"), step=5):
    """Whether the output of the tiny plan, at a step, is refused to another plan."""
    mine = tiny_plan()
    claim_output(str(tmp_path), mine, identity_of(mine, CONFIG, ("a", "b")), None)
    try:
        claim_output(str(tmp_path), plan, identity_of(plan, config, data), step)
    except UserError as error:
        return str(error)
    return ""


NETWORK = {
    "vocab_size": 64,
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "max_position_embeddings": 32,
    "type_vocab_size": 2,
    "initializer_range": 0.02,
    "layer_norm_eps": 1e-12,
    "embedding_size": None,
    "share_layers": False,
}
SCHEDULE = {"warmup_from": 0.0, "end": 0.0, "power": 1.0, "decay_steps": 0, "decay_from": "warmup_end"}
ADAM = {
    "weight_decay": 0.01,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-6,
    "bias_correction": True,
    "clip_norm": 1.0,
}
EVERY_PHASE = {
    "packing": False,
    "next_sentence_weight": 1.0,
    "reset_moments": False,
    "masking": {"kind": "whole_word", "probability": 0.15, "replace_per": "piece"},
}
IDENTITY = {
    "run": {
        "seed": 42,
        "init": "folder",
        "init_weights": "0f",
        "config": NETWORK,
        "compute_dtype": "float32",
        "reduce_dtype": "float32",
    },
    "phases": [
        {
            "data": "a",
            "sequence_length": 8,
            "batch": 8,
            "steps": 12,
            "max_predictions": 2,
            "learning_rate": {"peak": 1e-2, "warmup_steps": 4, "decay": "constant", **SCHEDULE},
            "optimizer": {"name": "lamb", **ADAM},
            **EVERY_PHASE,
        },
        {
            "data": "b",
            "sequence_length": 16,
            "batch": 4,
            "steps": 8,
            "max_predictions": 3,
            "learning_rate": {"peak": 1e-2, "warmup_steps": 0, "decay": "linear", **SCHEDULE},
            "optimizer": {"name": "adamw", **ADAM},
            **EVERY_PHASE,
        },
    ],
}
"""All that `plan.json` keeps of a run, written down: runs that exist were begun with it and go on with it."""


def test_an_identity_has_exactly_these_fields():
    plan = tiny_plan('init = { checkpoint = "folder" }\n')
    assert identity_of(plan, CONFIG, ("a", "b"), "0f") == IDENTITY


def test_every_setting_of_a_phase_is_looked_at():
    assert {field.name for field in dataclasses.fields(Phase)} == {*DECIDES, *FREE}


@pytest.mark.parametrize("name", DECIDES)
def test_what_decides_the_weights_is_part_of_it(name, tmp_path):
    assert f"{name}" in refused(with_phase(**{name: DECIDES[name]}), tmp_path)


@pytest.mark.parametrize("name", FREE)
def test_what_does_not_decide_the_weights_is_free(name, tmp_path):
    assert refused(with_phase(**{name: FREE[name]}), tmp_path) == ""


@pytest.mark.parametrize(
    ("part", "field"), [(part, field.name) for part, value in PARTS.items() for field in dataclasses.fields(value)]
)
def test_every_setting_inside_a_part_decides(part, field, tmp_path):
    value = getattr(PARTS[part], field)
    changed = dataclasses.replace(PARTS[part], **{field: OTHER[type(value)]})
    assert changed != PARTS[part]
    assert f"{part}.{field} of phase short" in refused(with_phase(**{part: changed}), tmp_path).replace(
        f"{part} of phase short.{field}", f"{part}.{field} of phase short"
    )


def test_the_network_its_precision_the_seed_and_the_data_decide(tmp_path):
    plan = tiny_plan()
    model = dataclasses.replace(plan.model, compute_dtype="bfloat16")
    assert "compute_dtype is 'float32' there and 'bfloat16'" in refused(
        dataclasses.replace(plan, model=model), tmp_path
    )
    rounded = dataclasses.replace(plan.model, reduce_dtype="bfloat16")
    assert "reduce_dtype is 'float32' there and 'bfloat16'" in refused(
        dataclasses.replace(plan, model=rounded), tmp_path
    )
    assert "seed is 42 there and 7" in refused(dataclasses.replace(plan, seed=7), tmp_path)
    assert "data of phase short is 'a' there and 'c'" in refused(plan, tmp_path, data=("c", "b"))
    for field in dataclasses.fields(BertConfig):
        before = getattr(CONFIG, field.name)
        after = {"hidden_act": "gelu_new", "embedding_size": 8, "share_layers": True}.get(field.name)
        after = (before * 2 or 0.5) if after is None else after
        problem = refused(plan, tmp_path, config=dataclasses.replace(CONFIG, **{field.name: after}))
        assert f"config.{field.name} is " in problem, field.name


def test_a_phase_decides_from_its_first_update_on(tmp_path):
    assert refused(tiny_plan(), tmp_path, data=("a", "c"), step=12) == ""
    (tmp_path / "plan.json").unlink()
    assert "data of phase long is 'b' there and 'c'" in refused(tiny_plan(), tmp_path, data=("a", "c"), step=13)


def test_the_rest_of_the_plan_is_free(tmp_path):
    plan = tiny_plan("checkpoint = { every = 3 }\nguard = { max_rollbacks = 9 }\ndescription = 'x'\n")
    model = dataclasses.replace(plan.model, rematerialise=True, shard_moments=True)
    assert refused(dataclasses.replace(plan, name="other", log_every=9, model=model), tmp_path) == ""


def plan_file(tmp_path, **changes):
    """The folder of a run whose `plan.json` is changed."""
    plan = tiny_plan()
    facts = TokenizationFacts(True, 100, "abc", {})
    claim_output(str(tmp_path), plan, identity_of(plan, CONFIG, ("a", "b")), None, facts=facts)
    path = tmp_path / "plan.json"
    content = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return path, content


def test_a_run_of_an_earlier_version_without_a_number_goes_on_and_gets_one(tmp_path):
    path, _ = plan_file(tmp_path, format=None)
    plan = tiny_plan()
    claim_output(str(tmp_path), plan, identity_of(plan, CONFIG, ("a", "b")), 5)
    assert json.loads(path.read_text())["format"] == 1


def test_a_run_that_began_before_there_was_a_choice_of_the_sums_precision_added_in_float32(tmp_path):
    path, content = plan_file(tmp_path)
    del content["identity"]["run"]["reduce_dtype"], content["plan"]["model"]["reduce_dtype"]
    path.write_text(json.dumps(content))
    plan = tiny_plan()
    claim_output(str(tmp_path), plan, identity_of(plan, CONFIG, ("a", "b")), 5)
    path.write_text(json.dumps(content))
    other = dataclasses.replace(plan, model=dataclasses.replace(plan.model, reduce_dtype="bfloat16"))
    with pytest.raises(UserError, match="reduce_dtype is 'float32' there and 'bfloat16' in this plan"):
        claim_output(str(tmp_path), other, identity_of(other, CONFIG, ("a", "b")), 5)


def test_what_only_a_newer_version_knows_is_passed_over(tmp_path):
    path, content = plan_file(tmp_path, of_tomorrow=1)
    content["facts"]["of_tomorrow"] = 2
    content["plan"]["of_tomorrow"] = 3
    content["plan"]["phase"][0]["optimizer"]["of_tomorrow"] = 4
    path.write_text(json.dumps(content))
    assert read_facts(str(tmp_path)) == TokenizationFacts(True, 100, "abc", {})
    assert read_plan_of(str(tmp_path)) == tiny_plan()
    plan = tiny_plan()
    claim_output(str(tmp_path), plan, identity_of(plan, CONFIG, ("a", "b")), 5)


def test_a_run_of_a_newer_format_is_refused_and_left_as_it_is(tmp_path):
    path, _ = plan_file(tmp_path, format=2)
    plan, before = tiny_plan(), path.read_bytes()
    identity = identity_of(plan, CONFIG, ("a", "b"))
    uses = [partial(claim_output, str(tmp_path), plan, identity, step) for step in (None, 5)]
    uses += [partial(read, str(tmp_path)) for read in (read_identity, read_facts, read_plan_of)]
    for use in uses:
        with pytest.raises(UserError, match=r"/plan\.json: its format is 2, but .* above 1; update beambert$"):
            use()
    assert path.read_bytes() == before


def test_a_run_that_learns_from_a_teacher_goes_on_with_no_other_and_not_without(tmp_path):
    plan = tiny_plan()
    mine, other = ({"teacher": f"sha256 {digest}", "distillation": {"layers": 2}} for digest in ("0f", "1e"))
    claim_output(str(tmp_path), plan, identity_of(plan, CONFIG, ("a", "b"), learns_from=mine), None)
    claim_output(str(tmp_path), plan, identity_of(plan, CONFIG, ("a", "b"), learns_from=mine), 5)
    with pytest.raises(UserError, match=r"teacher is 'sha256 0f' there and 'sha256 1e' in this plan"):
        claim_output(str(tmp_path), plan, identity_of(plan, CONFIG, ("a", "b"), learns_from=other), 5)
    with pytest.raises(UserError, match=r"teacher is 'sha256 0f' there and None in this plan"):
        claim_output(str(tmp_path), plan, identity_of(plan, CONFIG, ("a", "b")), 5)
