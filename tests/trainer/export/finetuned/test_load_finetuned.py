import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from beam_jobs.errors import UserError
from trainer.export.export_folder import MARKER_NAME
from trainer.export.finetuned.load_finetuned import load_finetuned, with_task_head
from trainer.export.finetuned.task_form import SEQUENCE, SINGLE, TOKENS, TaskForm
from trainer.export.hugging_face import load_hugging_face
from trainer.export.parity import logits
from trainer.export.weight_map import assign_weights
from trainer.model.config import HEADS
from trainer.model.task_heads import build_with_task_head

pytestmark = pytest.mark.usefixtures("quick_compilation")

GOLDEN = Path(__file__).parents[1] / "golden"
CLASSIFY = TaskForm(SEQUENCE, ("negativ", "nøytral", "positiv"), SINGLE)


@pytest.mark.parametrize("family", ["bert", "albert", "roberta"])
@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        ("SequenceClassification", ("negativ", "nøytral", "positiv")),
        ("TokenClassification", ("B-PER", "I-PER", "O")),
        ("QuestionAnswering", ()),
    ],
)
def test_what_transformers_saved_computes_here_what_it_computed_there(family, kind, labels):
    found = load_finetuned(GOLDEN / f"{family}_{kind}")
    assert (found.form.kind, found.form.labels) == (kind, labels)
    model = build_with_task_head(found.form.head, found.imported.config)
    assign_weights(model, found.imported)
    with np.load(GOLDEN / f"{family}_{kind}" / "case.npz") as case:
        wanted = case["logits"]
        computed = logits(model, {key: case[key] for key in ("input_ids", "input_mask", "segment_ids")})["logits"]
        within = case["input_mask"][..., None] if wanted.ndim == 3 else 1
    np.testing.assert_allclose(computed * within, wanted * within, atol=1e-5 * np.abs(wanted).max())


def test_a_pretrained_model_has_no_head(exported):
    with pytest.raises(UserError, match=r"has no head of a task .*BertForPreTraining.*; fine-tune it first"):
        load_finetuned(exported)


@pytest.mark.parametrize(
    ("remove", "message"),
    [
        (r"classifier\.weight", "the head of its task, classifier.weight, is missing"),
        (r"pooler", "lacks pooler/kernel, pooler/bias, through which its head reads"),
    ],
)
def test_a_folder_that_lost_a_part_is_refused(remove, message, build_finetuned, save, tmp_path):
    save(build_finetuned(CLASSIFY), CLASSIFY, tmp_path / "out")
    weights = tmp_path / "out" / "model.safetensors"
    save_file({name: value for name, value in load_file(weights).items() if not re.search(remove, name)}, weights)
    with pytest.raises(UserError, match=re.escape(message)):
        load_finetuned(tmp_path / "out")


def test_labels_that_do_not_fit_the_head_are_refused(build_finetuned, save, tmp_path):
    save(build_finetuned(CLASSIFY), CLASSIFY, tmp_path / "out")
    path = tmp_path / "out" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"id2label": {"0": "a", "1": "b"}}))
    with pytest.raises(UserError, match=r"classifier\.weight, has the shape \(32, 3\) and not \(32, 2\)"):
        load_finetuned(tmp_path / "out")


def test_the_heads_of_pretraining_are_dropped_and_a_new_head_is_drawn(exported):
    imported = load_hugging_face(exported)
    start = with_task_head(imported, CLASSIFY.head, keep_head=False)
    assert start.initialised == ("classifier/kernel", "classifier/bias")
    assert "pooler/kernel" in start.weights
    assert {name.split("/")[0] for name in start.weights} == {"embeddings", "encoder", "pooler"}
    assign_weights(build_with_task_head(CLASSIFY.head, imported.config), start)
    tags = TaskForm(TOKENS, ("B", "I", "O"))
    start = with_task_head(imported, tags.head, keep_head=False)
    assert "pooler/kernel" not in start.weights
    assign_weights(build_with_task_head(tags.head, imported.config), start)


def test_a_pooler_that_was_never_trained_is_drawn(exported):
    imported = dataclasses.replace(load_hugging_face(exported), untrained=("pooler",))
    start = with_task_head(imported, CLASSIFY.head, keep_head=False)
    assert {"pooler/kernel", "pooler/bias"} <= set(start.initialised)


def test_a_fine_tuned_model_begins_another_task(build_finetuned, save, tmp_path):
    """Its head is passed over and named. Of a tagger the pooler is missing, and drawn."""
    tags = TaskForm(TOKENS, ("B", "I", "O"))
    save(build_finetuned(tags), tags, tmp_path / "out")
    imported = load_hugging_face(tmp_path / "out", allow_missing=HEADS)
    assert imported.passed_over == ("the task's head classifier/bias", "the task's head classifier/kernel")
    start = with_task_head(imported, CLASSIFY.head, keep_head=False)
    assert set(start.initialised) == {"classifier/kernel", "classifier/bias", "pooler/kernel", "pooler/bias"}
    assert start.passed_over == imported.passed_over
    assert (tmp_path / "out" / MARKER_NAME).exists()
