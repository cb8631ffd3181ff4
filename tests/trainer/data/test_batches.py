import itertools
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from trainer.data import position
from trainer.data.batches import open_batches
from trainer.plans.settings import Masking

KINDS = {
    "static": ({}, {}),
    "static, not compressed": ({"gzipped": False}, {}),
    "dynamic": ({"masking": "dynamic"}, {}),
    "packed": ({"masking": "dynamic"}, {"packing": True}),
}


@pytest.fixture(params=KINDS, scope="module")
def source(request, make_folder, ask):
    settings, changes = KINDS[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(position, "BLOCK_PIECES", 64 * 64)  # blocks of 64 rows, so that there are some
        return open_batches(str(make_folder(**settings)), "train", ask(**changes))


def take(source, start, count, local_rows=None):
    batches = source.batches(start, local_rows)
    try:
        return list(itertools.islice(batches, count))
    finally:
        batches.close()


def equal(first, second):
    return first.keys() == second.keys() and all(np.array_equal(first[name], second[name]) for name in first)


def rows_of(batches):
    """Every row as bytes, in order."""
    names = sorted(batches[0])
    return [
        b"".join(batch[name][row].tobytes() for name in names)
        for batch in batches
        for row in range(len(batch["input_ids"]))
    ]


def test_a_restart_at_any_step_gives_the_same_batches(source):
    steps = 2 * source.rows // 16 + 3
    whole = take(source, 0, steps)
    for start in {1, 3, 4, source.rows // 16, source.rows // 16 + 1, steps - 2}:
        for batch, expected in zip(take(source, start, 2), whole[start:], strict=False):
            assert equal(batch, expected)


def test_an_epoch_has_every_row_once_and_the_next_has_them_in_another_order(source):
    epochs = take(source.with_batch_size(source.rows), 0, 2)
    if not source.dynamic:
        first, second = (sorted(rows_of([epoch])) for epoch in epochs)
        assert first == second
        assert len(set(first)) > 0.99 * source.rows
    assert rows_of(epochs[:1]) != rows_of(epochs[1:])
    assert all(epoch["next_sentence_weights"].sum() == source.split.records for epoch in epochs)


def test_hosts_fill_their_rows_of_the_same_batch(source):
    whole = take(source, 2, 3)
    local = np.arange(16) % 8 < 3
    for batch, other, expected in zip(take(source, 2, 3, local), take(source, 2, 3, ~local), whole, strict=True):
        assert equal({name: batch[name] + other[name] for name in batch}, expected)
        assert not batch["input_ids"][~local].any()
        assert batch["input_ids"][local].any(axis=1).all()


def test_another_seed_gives_another_order(make_folder, ask):
    folder = str(make_folder())
    first, second = (take(open_batches(folder, "train", ask(seed=seed)), 0, 1) for seed in (1, 2))
    assert not equal(first[0], second[0])


@given(size=st.integers(1, 300), start=st.integers(0, 40))
def test_batches_of_any_size_are_cut_from_one_sequence(make_folder, ask, size, start):
    source = open_batches(str(make_folder()), "train", ask(batch_size=1))
    at = start * size % source.rows
    ones = take(source, at, 3)
    batch = take(source.with_batch_size(size), at // size, 1)[0]
    offset = at - at // size * size
    for k in range(min(3, size - offset)):
        assert np.array_equal(batch["input_ids"][offset + k], ones[k]["input_ids"][0])


def test_batches_are_what_tensorflow_parses(make_folder, ask):
    tf = pytest.importorskip("tensorflow")
    folder = make_folder()
    source = open_batches(str(folder), "train", ask())
    batch = take(source.with_batch_size(source.rows), 0, 1)[0]
    shapes = {"input_ids": 64, "input_mask": 64, "segment_ids": 64, "masked_lm_positions": 10, "masked_lm_ids": 10}
    features = {name: tf.io.FixedLenFeature([size], tf.int64) for name, size in shapes.items()}
    features["masked_lm_weights"] = tf.io.FixedLenFeature([10], tf.float32)
    features["next_sentence_labels"] = tf.io.FixedLenFeature([], tf.int64)
    files = [shard.uri for shard in source.split.shards]
    records = list(tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator())
    parsed = {name: value.numpy() for name, value in tf.io.parse_example(records, features).items()}
    assert len(records) == source.rows
    for row in parsed:
        assert batch[row].dtype == (np.float32 if row == "masked_lm_weights" else np.int32)
    names = sorted(parsed)

    def sorted_rows(arrays):
        return sorted(tuple(np.ravel(arrays[name][i]).tolist() for name in names) for i in range(source.rows))

    assert sorted_rows(batch) == sorted_rows(parsed)


def test_masks_differ_from_epoch_to_epoch_and_hide_the_same_text(make_folder, ask):
    source = open_batches(str(make_folder(masking="dynamic")), "train", ask(masking=Masking(kind="span")))
    first, second = take(source.with_batch_size(source.rows), 0, 2)
    texts = []
    for batch in (first, second):
        ids = batch["input_ids"].copy()
        for row, (positions, originals, weights) in enumerate(
            zip(batch["masked_lm_positions"], batch["masked_lm_ids"], batch["masked_lm_weights"], strict=True)
        ):
            kept = weights > 0
            assert (np.diff(positions[kept]) > 0).all()
            ids[row, positions[kept]] = originals[kept]
        texts.append(ids)
    assert sorted(map(bytes, texts[0])) == sorted(map(bytes, texts[1]))
    assert sorted(map(bytes, first["input_ids"])) != sorted(map(bytes, second["input_ids"]))


def test_foreign_records_without_a_manifest_are_counted_once(make_folder, ask, caplog):
    folder = make_folder(manifest=False, new=True)
    ours = open_batches(str(make_folder()), "train", ask())
    with caplog.at_level("INFO", logger="trainer"):
        foreign = open_batches(str(folder), "default", ask())
        assert caplog.text.count("counting") == 4
        again = open_batches(str(folder), "default", ask())
        assert caplog.text.count("counting") == 4
    assert [shard.records for shard in foreign.split.shards] == [shard.records for shard in ours.split.shards]
    assert equal(take(foreign, 3, 1)[0], take(again, 3, 1)[0])
    assert equal(take(foreign, 3, 1)[0], take(ours, 3, 1)[0])
    assert open_batches(str(folder), "dev", ask()).rows > 0


@pytest.mark.parametrize("kind", ["static", "dynamic"])
def test_an_object_store_gives_the_same_batches(kind, bucket, make_folder, ask):
    from beam_jobs import storage

    folder = make_folder(**({"masking": "dynamic"} if kind == "dynamic" else {}), manifest=kind == "dynamic")
    there = f"{bucket}/{kind}"
    for path in folder.rglob("*"):
        if path.is_file():
            storage.write_atomically(f"{there}/{path.relative_to(folder)}", path.read_bytes())
    split = "train" if kind == "dynamic" else "default"
    settings = ask(packing=kind == "dynamic")
    local, remote = (open_batches(where, split, settings) for where in (str(folder), there))
    for first, second in zip(take(local, 5, 2), take(remote, 5, 2), strict=True):
        assert equal(first, second)


def spoil(folder, how):
    """Damage the second training shard; returns its path."""
    path = sorted(folder.glob("train/*"))[1]
    data = bytearray(path.read_bytes())
    if how == "flip":
        data[len(data) // 2] ^= 0x55
    elif how == "cut":
        del data[len(data) // 2 :]
    elif how == "bad length":
        data[struct.unpack_from("<Q", data)[0] + 16] ^= 1
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("how", "gzipped"), [("flip", True), ("cut", True), ("flip", False), ("cut", False), ("bad length", False)]
)
def test_a_damaged_shard_is_an_error_that_names_it_or_is_passed_over(how, gzipped, make_folder, ask, caplog):
    folder = make_folder(new=True, gzipped=gzipped)
    good = open_batches(str(folder), "train", ask())
    path = spoil(folder, how)
    with pytest.raises(UserError, match=path.name):
        take(open_batches(str(folder), "train", ask(batch_size=good.rows)), 0, 1)
    source = open_batches(str(folder), "train", ask(on_corrupt="skip"))
    assert source.rows == good.rows
    epoch = take(source.with_batch_size(source.rows), 0, 1)[0]
    empty = epoch["next_sentence_weights"] == 0
    assert 0 < empty.sum() <= good.split.shards[1].records
    assert not epoch["masked_lm_weights"][empty].any()
    assert not epoch["input_ids"][empty].any()
    assert list(source.skipped) == [str(path)]
    assert source.skipped[str(path)] >= empty.sum()
    assert path.name in caplog.text
    whole = take(source, 0, source.rows // 16)
    for start in (1, 5):
        assert equal(take(source, start, 1)[0], whole[start])


def test_a_shard_that_ends_early_between_records_is_no_silent_loss(make_folder, ask):
    folder = make_folder(new=True, gzipped=False)
    path = sorted(folder.glob("train/*"))[0]
    data = path.read_bytes()
    first = struct.unpack_from("<Q", data)[0] + 16
    path.write_bytes(data[first:])
    with pytest.raises(UserError, match=path.name):
        open_batches(str(folder), "train", ask())
    source = open_batches(str(folder), "train", ask(on_corrupt="skip"))
    epoch = take(source.with_batch_size(source.rows), 0, 1)[0]
    assert (epoch["next_sentence_weights"] == 0).sum() == 1


def test_evaluation_batches_are_the_same_every_time(make_folder, ask):
    source = open_batches(str(make_folder(masking="dynamic")), "dev", ask())
    first, second = take(source, 0, 4), take(source, 0, 4)
    assert all(equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_damaged_foreign_shard_is_an_error_or_read_up_to_the_damage(make_folder, ask, caplog):
    folder = make_folder(manifest=False, new=True)
    path = folder / "part-1.tfrecord.gz"
    whole = open_batches(str(folder), "default", ask()).split.shards[1].records
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    for _ in range(2):
        source = open_batches(str(folder), "default", ask(on_corrupt="skip"))
        assert 0 < source.split.shards[1].records < whole
        assert take(source.with_batch_size(source.rows), 0, 1)[0]["next_sentence_weights"].all()
        with pytest.raises(UserError, match=r"part-1.tfrecord.gz: .*on_corrupt"):
            open_batches(str(folder), "default", ask())
    assert "read up to there" in caplog.text
