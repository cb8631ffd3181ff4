import numpy as np
import pytest

from trainer.model.config import BertConfig
from trainer.model.task_heads import CLASSIFIER, TaskHead
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate
from trainer.tasks.head_task import INPUTS, SUMS, Measured, head_task

ROWS = {
    "input_mask": np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0]], np.int32),
    "weights": np.array([1.0, 1.0, 0.0], np.float32),
}
TASK = head_task(
    TaskHead(CLASSIFIER, 4, on_pieces=True),
    "accuracy",
    lambda logits, rows: Measured(6.0, 1.0, 2.0),
    lambda batch: batch["weights"].sum(),
)


def test_rows_that_fill_up_a_batch_are_no_instances():
    sums = TASK.sums({"logits": None}, ROWS)
    assert tuple(sums) == SUMS
    assert {name: float(value) for name, value in sums.items()} == {
        "loss": 6.0,
        "weight": 2.0,
        "figure": 1.0,
        "figure_weight": 2.0,
        "instances": 2.0,
        "tokens": 5.0,
    }


def test_loss_and_figures_are_divided_by_the_weights_of_the_whole_batch():
    sums = {"loss": 6.0, "weight": 2.0, "figure": 1.0, "figure_weight": 2.0}
    assert TASK.means(sums) == {"loss": 3.0, "accuracy": 0.5}
    totals = TASK.totals({"weights": np.ones((2, 3))})
    assert TASK.loss(sums, totals) == pytest.approx(1.0)
    assert TASK.means(dict.fromkeys(sums, 0.0)) == {"loss": 0.0, "accuracy": 0.0}
    assert TASK.line({"loss": 3.0, "accuracy": 0.5}, 2) == "loss 3.00 | accuracy 0.50"
    assert (TASK.inputs, TASK.figures) == (INPUTS, ("loss", "accuracy"))


def test_the_size_of_the_head_is_told():
    phase = Phase("finetune", 16, 4, 10, LearningRate(1e-4))
    config = BertConfig(vocab_size=9, hidden_size=8, num_attention_heads=2)
    assert TASK.head_size(config, phase).logit_bytes_per_row == 4 * 16 * 4
