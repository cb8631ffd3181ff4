"""Held-out figures against the same sums in numpy: dropout off, rows that only fill up a batch left out."""

import numpy as np
import pytest
from tiny_run import make_batch, tiny_model

from trainer.devices.runtime import current_runtime
from trainer.optim.optimizers import optimizer_of
from trainer.plans.settings import OptimizerSettings
from trainer.tasks.pretraining import INPUTS, pretraining
from trainer.training.evaluate import Evaluator
from trainer.training.step import initial_state


def test_the_means_are_those_over_all_real_rows_without_dropout(quick_compilation):
    model = tiny_model(hidden_dropout_prob=0.5, attention_probs_dropout_prob=0.5)
    batches = [make_batch(1, step, 4, 16, 3) for step in range(2)]
    for batch in batches:
        batch["next_sentence_weights"] = np.ones(4, np.float32)
    padded = [batches[0], {name: np.concatenate([v[:3], np.zeros_like(v[3:])]) for name, v in batches[1].items()}]
    evaluate = Evaluator(model, pretraining(0.5), current_runtime(), lambda: iter(padded))
    found = evaluate(current_runtime().put_state(initial_state(model, optimizer_of(OptimizerSettings()))))

    rows = {name: np.concatenate([batches[0][name], batches[1][name][:3]]) for name in batches[0]}
    questions = {name: rows[name] for name in INPUTS if name in rows and name != "masked_lm_ids"}
    outputs = model(questions, training=False)
    mlm, nsp = (np.asarray(outputs[name], np.float64) for name in ("mlm_logits", "nsp_logits"))

    def loss(logits, labels):
        picked = np.take_along_axis(logits, labels[..., None].astype(int), -1)[..., 0]
        return np.log(np.exp(logits).sum(-1)) - picked

    weights, labels = rows["masked_lm_weights"], rows["next_sentence_labels"]
    mlm_loss = (loss(mlm, rows["masked_lm_ids"]) * weights).sum() / weights.sum()
    nsp_loss = loss(nsp, labels).mean()
    assert found["instances"] == 7
    assert found["mlm_loss"] == pytest.approx(mlm_loss, rel=1e-5)
    assert found["nsp_loss"] == pytest.approx(nsp_loss, rel=1e-5)
    assert found["loss"] == pytest.approx(mlm_loss + 0.5 * nsp_loss, rel=1e-5)
    hits = (mlm.argmax(-1) == rows["masked_lm_ids"]) * weights
    assert found["mlm_accuracy"] == pytest.approx(hits.sum() / weights.sum())
    assert found["nsp_accuracy"] == pytest.approx((nsp.argmax(-1) == labels).mean())
