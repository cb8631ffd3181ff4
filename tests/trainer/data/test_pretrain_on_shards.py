"""The whole path: shards on disk or in an object store, through the loop, to a checkpoint and on from it."""

import json

import pytest
from tiny_run import TINY

from beam_jobs.errors import UserError
from beam_jobs.settings import instances, objectives
from beam_jobs.settings.objectives import Objective, Pairs
from trainer.export.hugging_face import save_hugging_face
from trainer.export.model_garden import save_model_garden
from trainer.model.bert import build_pretrainer
from trainer.plans.reading import plan_from_toml, read_plan
from trainer.plans.scale import toy
from trainer.run.run_folder import read_run
from trainer.training.pretrain import pretrain
from trainer.training.train import Launch

PLAN = """
name = "shards"
log_every = 1
[model]
config = {{ {config} }}
compute_dtype = "float32"
[checkpoint]
every = 4
[[phase]]
name = "first"
sequence_length = {length}
batch = 8
steps = 5
learning_rate = {{ peak = 1e-3 }}
evaluation = {{ batches = 2 }}
{more}
[[phase]]
name = "second"
sequence_length = {length}
batch = 16
steps = 3
learning_rate = {{ peak = 1e-3 }}
{more}
"""


def plan(more="", length=64):
    network = {key: value for key, value in TINY.items() if key != "vocab_size"} | {"max_position_embeddings": 64}
    config = ", ".join(f"{key} = {value}" for key, value in network.items())
    return plan_from_toml(PLAN.format(config=config, more=more, length=length), "shards.toml")


def launch(folder, output, more="", length=64, **options):
    return pretrain(Launch(plan(more, length), (str(folder),), str(output), tensorboard=False, **options))


def curve(output):
    lines = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    kept = ("kind", "step", "loss", "mlm_loss", "nsp_loss", "mlm_accuracy", "instances")
    return [{name: line[name] for name in kept if name in line} for line in lines]


@pytest.mark.parametrize("kind", ["static", "packed"])
def test_a_run_in_two_launches_is_the_run_in_one(kind, make_folder, tmp_path, quick_compilation):
    folder = make_folder(**({} if kind == "static" else {"masking": "dynamic"}))
    more = "packing = true" if kind == "packed" else ""
    launch(folder, tmp_path / "one", more)
    launch(folder, tmp_path / "two", more, max_steps=3)
    log = launch(folder, tmp_path / "two", more)
    assert log["status"] == "finished"
    assert curve(tmp_path / "two") == curve(tmp_path / "one")
    assert any(line["kind"] == "evaluation" for line in curve(tmp_path / "one"))


def test_the_small_plan_on_the_records_that_it_asks_for(make_folder, tmp_path, quick_compilation):
    folder = make_folder(objective="full_sentences", masking="dynamic", dupe_factor=1)
    small = toy(read_plan("small_cpu"), steps=6, batch=8)
    for output, last_steps in (("one", (0,)), ("two", (3, 0))):
        for max_steps in last_steps:
            given = Launch(small, (str(folder),), str(tmp_path / output), tensorboard=False, max_steps=max_steps)
            log = pretrain(given)
    assert log["status"] == "finished"
    assert curve(tmp_path / "two") == curve(tmp_path / "one")
    assert all(line["loss"] == line["mlm_loss"] for line in curve(tmp_path / "one")), "masked LM alone"
    model = read_run(str(tmp_path / "one"))
    assert (model.config.hidden_dropout_prob, model.config.attention_probs_dropout_prob) == (0, 0)
    assert model.config.max_position_embeddings == small.phases[0].sequence_length == 64
    assert model.weights["next_sentence/classifier/bias"].tolist() == [0, 0], "a bias begins at 0"


def test_shards_in_an_object_store(bucket, make_folder, tmp_path, quick_compilation):
    from beam_jobs import storage

    folder = make_folder()
    for path in folder.rglob("*"):
        if path.is_file():
            storage.write_atomically(f"{bucket}/run/{path.relative_to(folder)}", path.read_bytes())
    launch(folder, tmp_path / "local", max_steps=2)
    launch(f"{bucket}/run", tmp_path / "remote", max_steps=2)
    assert curve(tmp_path / "remote") == curve(tmp_path / "local")


def test_a_damaged_shard_is_passed_over_and_counted(make_folder, tmp_path, quick_compilation):
    folder = make_folder(new=True)
    path = folder / "train" / "part-0.tfrecord.gz"
    data = path.read_bytes()
    path.write_bytes(data[:100])
    with pytest.raises(UserError, match=r"part-0.tfrecord.gz: has 100 bytes, but the manifest says"):
        launch(folder, tmp_path / "error")
    log = launch(folder, tmp_path / "skip", 'on_corrupt = "skip"')
    assert log["status"] == "finished"
    assert log["skipped_records"][str(path)] > 0
    counted = [line["instances"] for line in curve(tmp_path / "skip") if line["kind"] == "train"]
    assert len(counted) == 8


def test_mistakes_of_a_later_phase_are_told_before_the_first_step(make_folder, tmp_path):
    folder = make_folder(new=True)
    (folder / "train" / "part-1.tfrecord.gz").unlink()
    with pytest.raises(UserError, match=r"part-1.tfrecord.gz: the manifest names this shard, but it is missing"):
        launch(folder, tmp_path / "missing")
    with pytest.raises(UserError, match="sequence_length 32, but the records have another"):
        launch(make_folder(), tmp_path / "length", length=32)
    assert not (tmp_path / "missing" / "metrics.jsonl").exists()


@pytest.mark.parametrize("kind", ["static", "packed"])
def test_the_next_sentence_head_has_a_logit_for_each_label_of_the_data(
    kind, make_folder, tmp_path, monkeypatch, quick_compilation
):
    three = Objective("structural", ("a", "b", "c"), Pairs(random=1 / 3, random_label=2, swapped=0.5, swapped_label=1))
    for module in (objectives, instances):
        monkeypatch.setattr(module, "OBJECTIVES", {**objectives.OBJECTIVES, "structural": three})
    masking = "static" if kind == "static" else "dynamic"
    folder = make_folder(new=True, objective="structural", masking=masking)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "labels": three.labels}))
    more = "packing = true" if kind == "packed" else ""
    launch(folder, tmp_path / "run", more, max_steps=3)
    log = launch(folder, tmp_path / "run", more)
    assert (log["status"], log["config"]["next_sentence_labels"]) == ("finished", 3)
    trained = read_run(str(tmp_path / "run"))
    config = trained.config
    assert config.next_sentence_labels == 3
    bias, kernel = "next_sentence/classifier/bias", "next_sentence/classifier/kernel"
    assert (trained.weights[bias] != 0).tolist() == [True] * 3, "a bias begins at 0, and learns if its label occurs"
    assert trained.weights[kernel].shape == (config.hidden_size, 3)
    model = build_pretrainer(config)
    with pytest.raises(
        UserError, match="BertForPreTraining of Hugging Face holds a next-sentence head of 2 labels, but"
    ):
        save_hugging_face(model, config, folder / "vocab.txt", False, tmp_path / "export", "")
    with pytest.raises(
        UserError, match="Model Garden holds a next-sentence head of 2 labels, but the model was trained on 3"
    ):
        save_model_garden(model, config, tmp_path / "export")
    assert not (tmp_path / "export").exists()
    (folder / "manifest.json").write_text(json.dumps({**manifest, "labels": three.labels[:2]}))
    with pytest.raises(UserError, match="it has the next-sentence label 2, but the data's objective only 0 to 1"):
        launch(folder, tmp_path / "two_labels", more)
