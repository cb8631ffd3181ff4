import re

import pytest

from beam_jobs.errors import UserError
from trainer.export.finetuned.task_form import ANSWERS, NUMBER, SEQUENCE, SINGLE, TOKENS, TaskForm, read_task_form


def test_what_is_written_is_read(form, config, albert):
    for family in (config, albert):
        assert read_task_form(form.settings(family, 0.1), "config.json") == form


def test_the_keys_are_those_of_transformers(config, albert):
    form = TaskForm(SEQUENCE, ("negativ", "positiv"), SINGLE)
    assert form.settings(config, 0.2) == {
        "architectures": ["BertForSequenceClassification"],
        "classifier_dropout": 0.2,
        "id2label": {"0": "negativ", "1": "positiv"},
        "label2id": {"negativ": 0, "positiv": 1},
        "num_labels": 2,
        "problem_type": "single_label_classification",
    }
    keys = TaskForm(ANSWERS).settings(albert, 0.1)
    assert keys["architectures"] == ["AlbertForQuestionAnswering"]
    assert (keys["classifier_dropout_prob"], keys["num_labels"]) == (0.1, 2)
    assert "problem_type" not in keys


def test_the_head_follows():
    assert TaskForm(SEQUENCE, (), NUMBER).head.outputs == 1
    assert TaskForm(TOKENS, ("B", "O", "I")).head.outputs == 3
    assert (TaskForm(ANSWERS).head.name, TaskForm(ANSWERS).head.outputs) == ("answer", 2)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"architectures": ["BertForPreTraining"]}, None),
        ({}, None),
        ({"architectures": ["BertForSequenceClassification"]}, TaskForm(SEQUENCE, ("LABEL_0", "LABEL_1"), SINGLE)),
        ({"architectures": ["BertForSequenceClassification"], "id2label": {"0": "x"}}, TaskForm(SEQUENCE, (), NUMBER)),
        ({"architectures": ["AlbertForQuestionAnswering"], "id2label": {}}, TaskForm(ANSWERS)),
    ],
)
def test_what_others_wrote_is_read(content, wanted):
    assert read_task_form(content, "config.json") == wanted


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"id2label": {"1": "a", "2": "b"}}, "must number different labels from 0 on"),
        ({"id2label": {"0": "a", "1": "a"}}, "must number different labels from 0 on"),
        ({"id2label": {"a": "b"}}, "its keys must be numbers"),
        ({"problem_type": "ranking"}, "problem_type is 'ranking'; it must be single_label"),
        ({"problem_type": "regression", "id2label": {"0": "a", "1": "b"}}, "a regression of 2 numbers is not built"),
    ],
)
def test_labels_that_cannot_be_used_are_refused_in_one_line(more, message):
    with pytest.raises(UserError, match=f"^here: .*{re.escape(message)}"):
        read_task_form({"architectures": ["BertForSequenceClassification"], **more}, "here")
