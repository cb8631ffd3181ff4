import dataclasses

import numpy as np
import pytest
from tiny_students import plan

from beam_jobs.errors import UserError
from trainer.distillation.student import assumed_networks, student_of
from trainer.distillation.teacher import read_teacher
from trainer.export.weight_map import assign_weights
from trainer.model.bert import build_pretrainer
from trainer.plans.distillation import Distillation


@pytest.fixture(scope="module")
def read(teacher):
    return read_teacher(teacher, Distillation())


def with_model(**changes):
    made = plan()
    return dataclasses.replace(made, model=dataclasses.replace(made.model, **changes))


def test_layers_tables_and_masked_lm_head_are_copied(read):
    student, there = student_of(read, plan(), Distillation(layers=3)), read.start.imported.weights
    assert student.settings.from_layers == (0, 1, 3)
    assert student.config == dataclasses.replace(read.config, num_hidden_layers=3)
    weights = student.initial.weights
    for mine, theirs in enumerate((0, 1, 3)):
        name = "encoder/layer_{}/intermediate/kernel"
        np.testing.assert_array_equal(weights[name.format(mine)], there[name.format(theirs)])
    for name in ("embeddings/position_embeddings", "embeddings/layer_norm/gamma", "masked_lm/transform/kernel"):
        np.testing.assert_array_equal(weights[name], there[name])
    assert {name.split("/")[0] for name in student.initial.initialised} == {"pooler", "next_sentence"}
    assert student.init.allow_missing == ("pooler", "next_sentence")
    assert "layers 0, 1, 3" in student.initial.source
    assign_weights(build_pretrainer(student.config), student.initial)  # nothing is missing, and nothing is left over


def test_of_hidden_states_alone_no_head_is_copied(read):
    student = student_of(read, plan(), Distillation(soft_weight=0.0, mlm_weight=0.0))
    assert student.init.allow_missing == ("pooler", "masked_lm", "next_sentence")
    assert not [name for name in student.initial.weights if name.startswith("masked_lm")]


def test_chosen_layers_and_a_random_start(read):
    assert student_of(read, plan(), Distillation(from_layers=(1, 2))).settings.layers == 2
    student = student_of(read, plan(), Distillation(start="random"))
    assert (student.initial, student.init.checkpoint, student.settings.from_layers) == (None, "", ())
    assert student.config.num_hidden_layers == 2


def test_dropout_is_the_plans_and_the_rest_the_teachers(read):
    student = student_of(read, with_model(config={"hidden_dropout_prob": 0.0, "hidden_size": 32}), Distillation())
    assert (student.config.hidden_dropout_prob, student.config.attention_probs_dropout_prob) == (0.0, 0.1)
    with pytest.raises(
        UserError, match=r"model.config.hidden_size is 64, but a student is built like its teacher .* 32"
    ):
        student_of(read, with_model(config={"hidden_size": 64}), Distillation())
    with pytest.raises(UserError, match=r"model_class is 'bert_base_uncased', but a student is built like its teacher"):
        student_of(read, with_model(model_class="bert_base_uncased"), Distillation())


def test_the_networks_of_a_plan_whose_teacher_is_not_named(read):
    student, teacher = assumed_networks(dataclasses.replace(plan(), distillation=Distillation(layers=3)), read.config)
    assert (student.num_hidden_layers, teacher) == (3, read.config)
    assert assumed_networks(dataclasses.replace(plan(), distillation=None), read.config) == (read.config, None)
