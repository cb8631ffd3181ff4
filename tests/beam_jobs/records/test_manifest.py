import pytest

from beam_jobs.records import Manifest, Shard, manifest_from_json


def test_a_manifest_comes_back() -> None:
    shards = tuple(Shard(f"s{i}.txt", "default", i, i, 10 * i, f"{i:08x}") for i in range(3))
    manifest = Manifest("sentences", "abc", {"shard_mb": 100.0}, shards, {"file": "vocab.txt"})
    assert manifest_from_json(manifest.to_json()) == manifest


def test_the_totals_of_a_manifest_are_those_of_its_shards() -> None:
    shards = tuple(Shard(f"s{i}.txt", "default", i, 2 * i, 10 * i, f"{i:08x}") for i in range(4))
    manifest = Manifest("sentences", "abc", {}, shards)
    assert (manifest.records, manifest.documents, manifest.bytes) == (6, 12, 60)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"shards": [{}]}', '{"shards": [], "other": 1}'])
def test_what_is_no_manifest(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        manifest_from_json(text)
