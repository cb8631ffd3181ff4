from pathlib import Path

import pytest

from beam_jobs.errors import UserError
from beam_jobs.storage.paths import absolute, expand_user, is_remote, local_path, require_local, scheme_of


def test_homes_and_names_that_only_look_like_one(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    assert expand_user("~/a/vocab.txt") == Path("/home/somebody/a/vocab.txt")
    for name in ("~draft.txt", "~nobody of that name/x", "a/~b", "~.txt"):
        assert expand_user(name) == Path(name)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("a/b", "a/b"),
        ("/a/b", "/a/b"),
        ("file:///a/b", "/a/b"),
        ("file:/a/b", "/a/b"),
        ("file://~/a", "/home/somebody/a"),
        ("~/a", "/home/somebody/a"),
        ("file:///a%20b", "/a%20b"),
        ("a b://c", "a b://c"),
    ],
)
def test_local_paths(uri, path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    assert not is_remote(uri)
    assert local_path(uri) == Path(path)


def test_a_uri_that_another_tool_has_encoded(tmp_path):
    (tmp_path / "a b").touch()
    assert local_path((tmp_path / "a b").as_uri()) == tmp_path / "a b"
    (tmp_path / "a%20b").touch()
    assert local_path(f"file://{tmp_path}/a%20b") == tmp_path / "a%20b"


def test_stores_the_web_and_everything_else():
    assert [scheme_of(uri) for uri in ("gs://b/x", "s3://b/x", "https://h/x", "x", "file:///x")] == [
        "gs",
        "s3",
        "https",
        "",
        "",
    ]
    for uri in ("hdfs://h/x", "ftp://h/x", "S3A://b/x"):
        with pytest.raises(UserError, match=r"unknown kind of address .*://; use a path, file://, gs:// or s3://"):
            is_remote(uri)
    with pytest.raises(UserError, match="gs:// names no bucket and no file"):
        absolute("gs://")
    with pytest.raises(UserError, match="s3://b/x: name a folder"):
        require_local("s3://b/x", "name a folder")
