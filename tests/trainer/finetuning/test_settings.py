import dataclasses
import re

import pytest
from tiny_tasks import GOOD

from beam_jobs.errors import UserError
from trainer.finetuning.settings import TaskSettings


def test_the_defaults_are_those_of_the_field():
    GOOD.validate()
    assert (GOOD.batch, GOOD.learning_rate, GOOD.epochs, GOOD.warmup) == (32, (3e-5,), 3, 0.1)
    assert (GOOD.weight_decay, GOOD.head_dropout, GOOD.keep, GOOD.patience) == (0.01, 0.1, "best", 0)
    task = GOOD.task
    assert (task.window_overlap, task.max_question_length, task.n_best, task.max_answer_pieces) == (-1, 0, 20, 30)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": TaskSettings("sort")}, "--task is 'sort': use classify, pairs, regress, tag or answer"),
        ({"task": TaskSettings("tag", several_labels=True)}, "--several_labels is for the tasks classify and pairs"),
        ({"task": TaskSettings("tag", max_seq_length=4)}, "--max_seq_length is 4: must lie between 8 and 4096"),
        ({"task": TaskSettings("tag", window_overlap=-2)}, "--window_overlap is -2: must not be negative"),
        ({"task": TaskSettings("answer", max_question_length=-1)}, "--max_question_length is -1: must not be negative"),
        ({"model": ""}, "--model is missing"),
        ({"task": TaskSettings("answer"), "labels": ("a", "b")}, "--labels is for classify, pairs and tag"),
        ({"batch": 0}, "--batch is 0: must be at least 1"),
        ({"patience": -1}, "--patience is -1: must not be negative"),
        ({"learning_rate": ()}, "--learning_rate names none"),
        ({"learning_rate": (3.0,)}, "--learning_rate is 3.0: must lie between 0 and 1"),
        ({"learning_rate": (1e-5, 1e-5)}, "--learning_rate names a rate twice"),
        ({"seed": -1}, "--seed is -1: must lie between 0 and"),
        ({"warmup": 1.0}, "--warmup is 1.0: must be a share"),
        ({"head_dropout": 1.5}, "--head_dropout is 1.5: must be a share"),
        ({"class_weight": "auto"}, "--class_weight is 'auto': use none or balanced"),
        ({"task": TaskSettings("answer"), "class_weight": "balanced"}, "--class_weight is for classify, pairs and tag"),
        ({"keep": "all"}, "--keep is 'all': use best or last"),
        ({"compute_dtype": "float16"}, "--compute_dtype is 'float16'"),
    ],
)
def test_a_mistake_is_one_line_with_the_option_and_the_remedy(changes, message):
    with pytest.raises(UserError, match=f"^{re.escape(message)}"):
        dataclasses.replace(GOOD, **changes).validate()
