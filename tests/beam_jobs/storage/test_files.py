import errno
import os

import pytest

from beam_jobs.errors import UserError
from beam_jobs.storage import files as storage
from beam_jobs.storage import whole_files


def files_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_written_file_appears_whole(tmp_path):
    with storage.atomic_writer(f"{tmp_path}/train/shard.txt") as stream:
        stream.write(b"one\n")
        stream.flush()
        assert not (tmp_path / "train/shard.txt").exists()
    assert (tmp_path / "train/shard.txt").read_bytes() == b"one\n"
    assert files_below(tmp_path) == ["train/shard.txt"]


def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path):
    storage.write_atomically(f"{tmp_path}/shard.txt", b"old")
    with pytest.raises(RuntimeError), storage.atomic_writer(f"{tmp_path}/shard.txt") as stream:  # noqa: PT012
        stream.write(b"new, half" * 1_000_000)
        raise RuntimeError
    assert (tmp_path / "shard.txt").read_bytes() == b"old"
    assert files_below(tmp_path) == ["shard.txt"]


def test_temporary_files_lie_where_the_job_wants_them(tmp_path):
    with storage.atomic_writer(f"{tmp_path}/shard.txt", f"{tmp_path}/_work/tmp"):
        assert [name.startswith("_work/tmp/.shard.txt.") for name in files_below(tmp_path)] == [True]


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    with (  # noqa: PT012
        pytest.raises(UserError, match=r"disk full while writing .*shard\.txt: free some space"),
        storage.atomic_writer(f"{tmp_path}/shard.txt") as stream,
    ):
        stream.write(b"x")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert files_below(tmp_path) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")  # noqa: PTH110
def test_a_disk_that_fills_up_at_the_close_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(whole_files, "_create", lambda uri: open("/dev/full", "wb"))  # noqa: SIM115, PTH123
    with pytest.raises(UserError, match="disk full"):
        storage.write_atomically(f"{tmp_path}/shard.txt", b"x")
    assert files_below(tmp_path) == []


def test_lost_bytes_are_found_before_the_rename(tmp_path, monkeypatch):
    monkeypatch.setattr(whole_files, "_arrived", lambda uri: 3)
    with pytest.raises(UserError, match="3 of 4 bytes arrived"):
        storage.write_atomically(f"{tmp_path}/shard.txt", b"four")
    assert files_below(tmp_path) == []


def test_errors_of_the_body_that_are_not_the_targets_stay_as_they_are(tmp_path):
    with pytest.raises(FileNotFoundError), storage.atomic_writer(f"{tmp_path}/shard.txt"):
        (tmp_path / "missing input").read_bytes()


def test_where_one_may_not_write(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write .*file/shard.txt"):
        storage.write_atomically(f"{tmp_path}/file/shard.txt", b"")
    with pytest.raises(UserError, match=r"cannot write .*file"):
        storage.make_folder(f"{tmp_path}/file")


def test_where_one_may_not_read(tmp_path):
    with pytest.raises(UserError, match=r"cannot read .*gone: No such file or directory; check --input"):
        storage.open_input(f"{tmp_path}/gone")
    with pytest.raises(UserError, match=r"cannot read"):
        storage.read_bytes(str(tmp_path))


def test_reading_from_an_offset(tmp_path):
    storage.write_atomically(f"{tmp_path}/text", b"0123456789")
    with storage.open_input(f"{tmp_path}/text", 7) as stream:
        assert stream.read() == b"789"
    with pytest.raises(ValueError, match="compressed"):
        storage.open_input(f"{tmp_path}/text.gz", 7)


def test_folders(tmp_path):
    for name in ("b.txt", "a/c.txt", "a/d/e.txt"):
        storage.write_atomically(storage.join(str(tmp_path), name), name.encode())
    assert storage.list_folder(str(tmp_path)) == ["a/c.txt", "a/d/e.txt", "b.txt"]
    assert storage.size(f"{tmp_path}/a/c.txt") == 7
    storage.remove_folder(f"{tmp_path}/a")
    storage.remove_folder(f"{tmp_path}/a")
    storage.delete([f"{tmp_path}/gone"])
    assert storage.list_folder(str(tmp_path)) == ["b.txt"]
    assert storage.list_folder(f"{tmp_path}/a") == []
    assert not storage.exists(f"{tmp_path}/a")


def test_join():
    assert storage.join("gs://bucket/out/", "train/", "x.txt") == "gs://bucket/out/train/x.txt"
    assert storage.join("/", "x") == "/x"
