"""Folders that are uploaded, on loopback; exports that are uploaded are in tests/end_to_end/test_foreign_troubles/test_exports.py."""

import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from trainer.export import upload_files
from trainer.export.upload_files import uploaded_folder


def test_the_last_file_goes_up_last_and_what_is_there_stays(bucket, monkeypatch):
    order = []
    upload = upload_files._upload
    monkeypatch.setattr(upload_files, "_upload", lambda path, uri: (upload(path, uri), order.append(uri)))
    uri = f"{bucket}/uploaded/model"
    with uploaded_folder(uri, "a.json") as folder:
        assert folder.name == "model"
        (folder / "below").mkdir(parents=True)
        for name in ("a.json", "b.bin", "below/c.bin"):
            (folder / name).write_text(name)
    assert order[-1] == f"{uri}/a.json"
    assert storage.list_folder(uri) == ["a.json", "b.bin", "below/c.bin"]
    assert storage.read_bytes(f"{uri}/below/c.bin") == b"below/c.bin"
    with pytest.raises(UserError, match=r"model: already holds a\.json"), uploaded_folder(uri, "a.json"):
        pytest.fail("the block begins")


def test_nothing_is_uploaded_after_an_exception_and_errors_are_one_line(bucket):
    uri = f"{bucket}/uploaded/none"
    with pytest.raises(RuntimeError), uploaded_folder(uri, "a.json") as folder:  # noqa: PT012
        folder.mkdir()
        (folder / "a.json").write_text("{}")
        raise RuntimeError
    assert storage.list_folder(uri) == []
    with pytest.raises(UserError, match="cannot be written to"), uploaded_folder(f"{bucket}-none/x", "a.json"):
        pytest.fail("the block begins")
