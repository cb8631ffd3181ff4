"""Checkpoints in object stores, on loopback; runs that are killed there are in tests/stores/test_trainer.py."""

import itertools

import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from trainer.run.store import checkpoint_store
from trainer.run.store.checkpoint_store import CheckpointStore

_RUNS = itertools.count()


@pytest.fixture
def folder(bucket):
    return f"{bucket}/kept{next(_RUNS)}/checkpoints"


def write(store, step):
    place = store.local / str(step) / "state"
    place.mkdir(parents=True)
    (place / "a.bin").write_bytes(b"a" * step)
    (place / "b.bin").write_bytes(b"")


def last_two(steps):
    return [step in steps[-2:] or step == 1 for step in steps]


def test_checkpoints_go_up_come_back_and_are_kept_by_the_rule(folder):
    store = CheckpointStore(folder, last_two)
    assert store.steps() == []
    for step in (1, 2, 3, 12):
        store.upload(step, lambda step=step: write(store, step))
        assert store.steps()[-1] == step
    assert store.steps() == [1, 3, 12]
    store.check()
    assert [path.name for path in store.local.iterdir()] == ["12"]
    store.close()
    assert not store.local.exists()
    reader = CheckpointStore(folder)
    reader.fetch(3)
    reader.fetch(3)
    found = {path.relative_to(reader.local).as_posix() for path in reader.local.rglob("*") if path.is_file()}
    assert found == {"3/state/a.bin", "3/state/b.bin"}
    assert (reader.local / "3/state/a.bin").read_bytes() == b"aaa"
    reader.forget(3)
    assert not (reader.local / "3").exists()
    reader.close()


def test_an_upload_that_was_killed_is_no_checkpoint_and_the_next_writer_removes_it(folder):
    storage.write_whole(f"{folder}/5/state/a.bin", b"half")
    store = CheckpointStore(folder)
    assert store.steps() == []
    store.close()
    assert storage.list_folder(folder) == ["5/state/a.bin"]
    store = CheckpointStore(folder, last_two)
    assert storage.list_folder(folder) == []
    store.close()


def test_a_failed_upload_is_told_in_one_line_and_leaves_no_checkpoint(folder, monkeypatch):
    store = CheckpointStore(folder, last_two)

    def refuse(path, uri):
        raise PermissionError(13, "Forbidden", uri)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint_store, "upload_files", refuse)
        store.upload(7, lambda: write(store, 7))
        with pytest.raises(UserError, match=r"/7: the checkpoint cannot be uploaded .*the same command continues"):
            store.wait()
    assert store.steps() == []
    store.upload(7, lambda: None)
    assert store.steps() == [7]
    store.close()


def test_what_cannot_be_read_is_an_error_and_not_damage(folder, monkeypatch):
    store = CheckpointStore(folder, last_two)
    store.upload(7, lambda: write(store, 7))
    store.wait()
    store.forget(7)

    def refuse(uri):
        raise PermissionError(13, "Forbidden", uri)

    monkeypatch.setattr(storage, "open_stream", refuse)
    with pytest.raises(UserError, match=r"/7/state/a\.bin: cannot be read"):
        store.fetch(7)
    assert list(store.local.iterdir()) == []
    store.close()


def test_all_hosts_learn_that_the_first_one_cannot_write(tmp_path, monkeypatch):
    first, second, failed = CheckpointStore(str(tmp_path)), CheckpointStore(str(tmp_path)), []

    def any_host(flag):
        failed.append(flag)
        return any(failed)

    monkeypatch.setattr(checkpoint_store, "any_host", any_host)
    second.wait_on_all_hosts()

    def fails():
        raise UserError("the disk is full")

    first.upload(3, fails)
    with pytest.raises(UserError, match="the disk is full"):
        first.wait_on_all_hosts()
    with pytest.raises(UserError, match="the first host could not write a checkpoint"):
        second.wait_on_all_hosts()
    assert failed == [False, True, False]
    first.close()
    second.close()
