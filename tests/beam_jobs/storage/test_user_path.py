from pathlib import Path

from beam_jobs.storage.user_path import expand_user


def test_homes_and_names_that_only_look_like_one(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    assert expand_user("~/a/vocab.txt") == Path("/home/somebody/a/vocab.txt")
    for name in ("~draft.txt", "~nobody of that name/x", "a/~b", "~.txt"):
        assert expand_user(name) == Path(name)
