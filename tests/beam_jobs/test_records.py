"""The formats on disk."""

import json

import pytest

from beam_jobs.records import Manifest, Rejection, Shard, manifest_from_json, shard_name


def test_a_manifest_comes_back() -> None:
    shards = tuple(Shard(f"s{i}.txt", "default", i, i, 10 * i, f"{i:08x}") for i in range(3))
    manifest = Manifest("sentences", "abc", {"shard_mb": 100.0}, shards, {"file": "vocab.txt"})
    assert manifest_from_json(manifest.to_json()) == manifest


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"shards": [{}]}', '{"shards": [], "other": 1}'])
def test_what_is_no_manifest(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        manifest_from_json(text)


def test_names_of_shards() -> None:
    assert shard_name("sentences", 3, 12, "default", ".txt") == "sentences-00003-of-00012.txt"
    assert shard_name("instances", 0, 1, "dev", ".tfrecord.gz") == "dev/instances-00000-of-00001.tfrecord.gz"


def test_a_rejection_is_one_line() -> None:
    line = Rejection("a.jsonl", 7, "broken_json", "line 1\nline 2 æ", "id").to_json_line()
    assert "\n" not in line
    assert json.loads(line)["detail"] == "line 1\nline 2 æ"
