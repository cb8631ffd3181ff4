"""The whole path: shards on disk or in an object store, through the loop, to a checkpoint and on from it."""

import json

import pytest
from tiny_run import TINY

from beam_jobs.errors import UserError
from trainer.plans.reading import plan_from_toml
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
