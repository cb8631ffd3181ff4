import dataclasses
import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny_tasks import write_lines

from beam_jobs.errors import UserError
from trainer.finetuning.prepare import prepare, resolve
from trainer.finetuning.settings import TaskSettings
from trainer.model.config import BertConfig


def test_labels_are_sorted_and_a_new_head_is_drawn(settings_of, tmp_path):
    prepared = prepare(settings_of("classify", tmp_path))
    assert prepared.data.labels.names == ("negativ", "positiv")
    assert prepared.initial.initialised == ("classifier/kernel", "classifier/bias")
    assert {name.split("/")[0] for name in prepared.initial.weights} == {"embeddings", "encoder", "pooler"}
    assert (prepared.metric, len(prepared.train.examples), len(prepared.dev.examples)) == ("macro_f1", 96, 24)
    assert prepared.test is None
    assert 0.3 < prepared.baseline["scores"]["accuracy"] < 0.7
    assert set(prepared.buckets) <= {8, 16}


def test_the_order_of_labels_can_be_given(settings_of, tmp_path):
    prepared = prepare(settings_of("classify", tmp_path, labels=("positiv", "negativ", "nøytral")))
    assert prepared.data.labels.names == ("positiv", "negativ", "nøytral")


def test_classes_can_be_weighted(settings_of, tmp_path):
    prepared = prepare(settings_of("classify", tmp_path, class_weight="balanced"))
    assert np.mean(prepared.class_weights) == pytest.approx(1, abs=0.1)
    assert len(set(prepared.class_weights)) == 2
    tags = prepare(settings_of("tag", tmp_path, class_weight="balanced"))
    weights = dict(zip(tags.data.labels.names, tags.class_weights, strict=True))
    assert 0 < weights["O"] < min(weights["B-LOC"], weights["B-PER"]), "names are rarer than words that are none"


def test_tags_and_answers(settings_of, tmp_path):
    tags = prepare(settings_of("tag", tmp_path))
    assert tags.data.labels.names == ("B-LOC", "B-PER", "I-LOC", "I-PER", "O")
    assert (tags.metric, tags.initial.initialised) == ("micro_f1", ("classifier/kernel", "classifier/bias"))
    assert not any("pooler" in name for name in tags.initial.weights)
    answers = prepare(settings_of("answer", tmp_path))
    assert (answers.metric, answers.data.settings.null_threshold) == ("f1", 0.0)


def test_without_unanswerable_questions_there_is_always_an_answer(settings_of, tmp_path):
    rows = [{"question": "hvor", "context": "i Oslo", "answers": {"text": ["Oslo"], "answer_start": [2]}}]
    file = write_lines(tmp_path / "answered.jsonl", rows)
    prepared = prepare(settings_of("answer", tmp_path / "out", train=(file,), dev=file))
    assert prepared.data.settings.null_threshold is None


def test_a_test_set_may_have_labels_or_none(settings_of, files, tmp_path):
    labelled = prepare(settings_of("classify", tmp_path, test=files["classify_test"])).test
    assert "labels" in labelled.encoded.fields.per_row
    file = write_lines(tmp_path / "bare.jsonl", [{"text": "en bok"}])
    bare = prepare(settings_of("classify", tmp_path, test=file)).test
    assert "labels" not in bare.encoded.fields.per_row


def test_defaults_follow_from_the_task_and_the_model():
    config = BertConfig(vocab_size=9, max_position_embeddings=256)
    assert resolve(TaskSettings("classify"), config).max_seq_length == 128
    answer = resolve(TaskSettings("answer"), config)
    assert (answer.max_seq_length, answer.window_overlap, answer.max_question_length) == (256, 85, 64)
    short = resolve(TaskSettings("answer", max_seq_length=64), config)
    assert (short.window_overlap, short.max_question_length) == (21, 21), "which leaves room for the context"
    assert resolve(TaskSettings("tag", window_overlap=5), config).window_overlap == 5
    with pytest.raises(UserError, match="--max_seq_length is 512, but the model reads at most 256 pieces"):
        resolve(TaskSettings("tag", max_seq_length=512), config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metric": "f2"}, "--metric is 'f2'; this task has accuracy, macro_precision"),
        ({"model": "none/model"}, "no such checkpoint"),
        ({"batch": 0}, "--batch is 0"),
        ({"max_seq_length": 64}, "--max_seq_length is 64, but the model reads at most 32"),
        ({"labels": ("negativ", "nøytral")}, "the label 'positiv'"),
        ({"labels": ("negativ", "negativ")}, "names 'negativ' 2 times"),
    ],
)
def test_mistakes_are_found_before_training(changes, message, settings_of, tmp_path):
    with pytest.raises(UserError, match=message):
        prepare(settings_of("classify", tmp_path, **changes))


def test_one_label_teaches_nothing(settings_of, tmp_path):
    file = write_lines(tmp_path / "same.jsonl", [{"text": "en bok", "label": "x"}] * 2)
    with pytest.raises(UserError, match="all examples have the label 'x'; a model learns nothing from that"):
        prepare(settings_of("classify", tmp_path, train=(file,)))


def test_a_label_of_dev_that_training_has_not_is_named_with_its_row(settings_of, tmp_path):
    file = write_lines(tmp_path / "dev.jsonl", [{"text": "en bok", "label": "nøytral"}])
    with pytest.raises(UserError, match=r"dev\.jsonl:1: the label 'nøytral' is none of negativ, positiv"):
        prepare(settings_of("classify", tmp_path, dev=file))


def test_the_tokenizer_of_another_vocabulary_is_refused(settings_of, base, tmp_path):
    folder = Path(shutil.copytree(base, tmp_path / "model"))
    text = (folder / "tokenizer.json").read_text(encoding="utf-8")
    (folder / "tokenizer.json").write_text(text.replace('"god": 5,', '"god": 5, "godt": 900,'), encoding="utf-8")
    with pytest.raises(
        UserError, match=r"its tokenizer has .* pieces, but the model knows .*; it is another vocabulary"
    ):
        prepare(settings_of("classify", tmp_path / "out", model=str(folder)))


def test_the_line_of_the_log_tells_the_metric(settings_of, tmp_path):
    task = prepare(settings_of("classify", tmp_path)).task
    assert (
        task.line({"loss": 0.5, "accuracy": 0.75, "macro_f1": 0.625}, 3)
        == "loss 0.500 | accuracy 0.750 | macro_f1 0.625"
    )
    assert task.line({"loss": 0.5, "accuracy": 0.75}, 2) == "loss 0.50 | accuracy 0.75"


def test_a_fine_tuned_model_goes_on_with_its_head_if_task_and_labels_are_the_same(settings_of, base, tmp_path, caplog):
    from trainer.export.finetuned.save_finetuned import save_finetuned
    from trainer.export.finetuned.task_form import SEQUENCE, SINGLE, TaskForm
    from trainer.finetuning.start import read_start
    from trainer.model.task_heads import build_with_task_head

    caplog.set_level(logging.INFO, logger="trainer")
    start, form = read_start(base), TaskForm(SEQUENCE, ("positiv", "negativ", "nøytral"), SINGLE)
    model = build_with_task_head(form.head, start.imported.config, seed=5)
    save_finetuned(model, form, tmp_path / "tuned", head_dropout=0.1, pad_id=0, card="", files=start.tokenizer)
    settings = settings_of("classify", tmp_path / "out", model=str(tmp_path / "tuned"))
    prepared = prepare(settings)
    assert prepared.data.labels.names == form.labels, "in the order of the model, though training lacks one"
    assert prepared.initial.initialised == ()
    np.testing.assert_array_equal(prepared.initial.weights["classifier/kernel"], model.heads["classifier"].kernel)
    assert any("its head is trained on" in message for message in caplog.messages)
    other = prepare(dataclasses.replace(settings, labels=("negativ", "positiv")))
    assert other.initial.initialised == ("classifier/kernel", "classifier/bias")
    assert any("a new head is drawn" in message for message in caplog.messages)
