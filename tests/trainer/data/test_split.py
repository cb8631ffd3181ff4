import dataclasses
import itertools
import json
import shutil

import numpy as np
import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import MANIFEST_NAME, manifest_from_json
from trainer.data.batches import open_batches
from trainer.data.corpus_folder import find_folders
from trainer.data.split import has_records


def change_manifest(folder, change):
    path = folder / MANIFEST_NAME
    manifest = manifest_from_json(path.read_text())
    path.write_text(dataclasses.replace(manifest, shards=tuple(change(list(manifest.shards)))).to_json())


def open_train(folder, ask, **changes):
    return open_batches(str(folder), "train", ask(**changes))


def test_a_missing_shard(make_folder, ask):
    folder = make_folder(new=True)
    (folder / "train" / "part-2.tfrecord.gz").unlink()
    for on_corrupt in ("error", "skip"):
        with pytest.raises(
            UserError, match=r"train/part-2.tfrecord.gz: the manifest names this shard, but it is missing"
        ):
            open_train(folder, ask, on_corrupt=on_corrupt)


def test_a_shard_of_another_size(make_folder, ask):
    folder = make_folder(new=True)
    with (folder / "train" / "part-2.tfrecord.gz").open("ab") as file:
        file.write(b"more")
    with pytest.raises(UserError, match=r"part-2.tfrecord.gz: has [\d,]+ bytes, but the manifest says"):
        open_train(folder, ask)


def test_a_split_without_data(make_folder, ask):
    with pytest.raises(UserError, match=r"no records of the split 'test' \(its splits: dev, train\)"):
        open_batches(str(make_folder()), "test", ask())
    assert has_records(str(make_folder()), "dev")
    assert not has_records(str(make_folder()), "test")


def test_a_folder_without_shards(tmp_path, ask):
    with pytest.raises(UserError, match=r"no shards of the split 'default'"):
        open_batches(str(tmp_path), "default", ask())


def test_a_held_out_shard_among_those_to_train_on(make_folder, ask):
    folder = make_folder(new=True)
    change_manifest(folder, lambda shards: [*shards, dataclasses.replace(shards[-1], split="train")])
    with pytest.raises(UserError, match=r"part-4.* of split train has the content of .*part-4.* of split dev"):
        open_train(folder, ask)


def test_a_shard_to_test_on_among_those_to_train_on(make_folder, ask):
    folder = make_folder(new=True)
    change_manifest(folder, lambda s: [*s[:-1], *(dataclasses.replace(s[-1], split=x) for x in ("test", "train"))])
    with pytest.raises(UserError, match=r"part-4.* of split train has the content of .*part-4.* of split test"):
        open_train(folder, ask)


def test_a_held_out_shard_among_foreign_ones(make_folder, ask):
    folder = make_folder(manifest=False, new=True)
    shutil.copy(folder / "part-0.tfrecord.gz", folder / "tf_examples-validation-0.tfrecord.gz")
    with pytest.raises(UserError, match=r"tf_examples-validation-0.tfrecord.gz looks like a held-out shard"):
        open_batches(str(folder), "default", ask())


def test_a_copy_of_a_held_out_shard_among_foreign_ones(make_folder, ask):
    folder = make_folder(manifest=False, new=True)
    shutil.copy(folder / "dev" / "part-4.tfrecord.gz", folder / "part-9.tfrecord.gz")
    with pytest.raises(UserError, match=r"part-9.tfrecord.gz has the content of dev/part-4.tfrecord.gz"):
        open_batches(str(folder), "default", ask())


def test_a_shard_named_twice(make_folder, ask):
    folder = make_folder(new=True)
    change_manifest(folder, lambda shards: [*shards, shards[0]])
    with pytest.raises(UserError, match=r"names train/part-0.tfrecord.gz 2 times"):
        open_train(folder, ask)


def test_a_manifest_that_is_none(make_folder, ask):
    folder = make_folder(new=True)
    (folder / MANIFEST_NAME).write_text("{}")
    with pytest.raises(UserError, match=f"{MANIFEST_NAME}: not a manifest"):
        open_train(folder, ask)


def test_fewer_records_than_the_manifest_says(make_folder, ask):
    folder = make_folder(new=True)
    change_manifest(folder, lambda s: [dataclasses.replace(s[0], records=s[0].records + 1), *s[1:]])
    source = open_train(folder, ask, batch_size=100)
    with pytest.raises(UserError, match=r"part-0.tfrecord.gz: ends after \d+ of its \d+ records"):
        list(itertools.islice(source.batches(0), source.rows // 100 + 1))


def test_another_sequence_length(make_folder, ask):
    with pytest.raises(UserError, match=r"64 pieces, but the phase has sequence_length 128"):
        open_train(make_folder(), ask, sequence_length=128)


def test_fewer_predictions_than_the_records_have(make_folder, ask):
    with pytest.raises(UserError, match=r"10 predictions, but the phase 9: set max_predictions = 10"):
        open_train(make_folder(), ask, max_predictions=9)


def test_records_of_a_larger_vocabulary(make_folder, ask, vocabulary):
    source = open_train(make_folder(), ask, vocab_size=len(vocabulary))
    assert next(source.batches(0))["input_ids"].max() < len(vocabulary)
    with pytest.raises(UserError, match=r"piece id .*, but the model's vocabulary only 6 pieces"):
        open_train(make_folder(), ask, vocab_size=6)


def test_the_vocabulary_beside_dynamic_records(make_folder, ask):
    folder = make_folder(new=True, masking="dynamic")
    text = (folder / "vocab.txt").read_text()
    (folder / "vocab.txt").write_text(text + "\n[unused2]")
    with pytest.raises(UserError, match=r"vocab.txt: not the vocabulary that the records were made with"):
        open_train(folder, ask)
    (folder / "vocab.txt").unlink()
    with pytest.raises(UserError, match=r"vocab.txt: no such vocabulary file"):
        open_train(folder, ask)


def test_records_that_are_no_instances(tmp_path, ask):
    (tmp_path / "a.tfrecord").write_bytes(b"no records at all, only text")
    with pytest.raises(UserError, match=r"a.tfrecord: record 0 at byte 0 has no valid header"):
        open_batches(str(tmp_path), "default", ask())


def test_a_folder_that_cannot_be_written_keeps_its_index_elsewhere(make_folder, ask, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = make_folder(new=True, manifest=False)
    write = storage.write_whole

    def refuse(uri, data):
        if uri.startswith(str(folder)):
            raise PermissionError(uri)
        write(uri, data)

    monkeypatch.setattr(storage, "write_whole", refuse)
    first = open_batches(str(folder), "default", ask())
    kept = list(tmp_path.rglob("record_counts.json"))
    assert len(json.loads(kept[0].read_text())) == 4
    again = open_batches(str(folder), "default", ask())
    assert again.split.shards == first.split.shards
    assert np.array_equal(next(first.batches(7))["input_ids"], next(again.batches(7))["input_ids"])


def test_foreign_shards_in_a_folder_named_train(make_folder, ask):
    flat, nested = make_folder(manifest=False), make_folder(manifest=False, new=True)
    (nested / "train").mkdir()
    for path in nested.glob("part-*"):
        path.rename(nested / "train" / path.name)
    assert find_folders([str(nested)])[0].train_split == "default"
    sources = [open_batches(str(folder), "default", ask()) for folder in (flat, nested)]
    assert sources[0].rows == sources[1].rows
    assert has_records(str(nested), "dev")


def test_a_manifest_of_another_version(make_folder, ask):
    path = make_folder(new=True) / MANIFEST_NAME
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "of_tomorrow": [1]}))
    assert open_train(path.parent, ask).split.manifest is not None
    for key in ("format", "record_format"):
        path.write_text(json.dumps({**content, key: 2}))
        with pytest.raises(UserError, match=r"manifest\.json: its (record )?format is 2, .*; update beambert$"):
            find_folders([str(path.parent)])
