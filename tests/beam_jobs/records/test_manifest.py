import dataclasses
import json

import pytest

from beam_jobs.errors import UserError
from beam_jobs.records import Manifest, Shard, manifest_from_json

ONE_SHARD = Manifest("instances", "abc", {"a": 1}, (Shard("x", "train", 3, 1, 70, "0"),), {"size": 9})


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


def test_a_manifest_begins_with_the_formats_of_itself_and_of_the_records():
    content = json.loads(ONE_SHARD.to_json())
    assert list(content.items())[:3] == [("format", 1), ("record_format", 1), ("kind", "instances")]


def test_a_manifest_without_numbers_or_with_more_keys_is_read():
    content = json.loads(ONE_SHARD.to_json())
    old = {key: value for key, value in content.items() if "format" not in key}
    newer = {**content, "of_tomorrow": {}, "shards": [{**shard, "of_tomorrow": 1} for shard in content["shards"]]}
    for changed in (old, newer):
        assert manifest_from_json(json.dumps(changed)) == ONE_SHARD


@pytest.mark.parametrize(("key", "name"), [("format", "format"), ("record_format", "record format")])
def test_a_newer_format_of_the_manifest_or_of_the_records_is_refused(key, name):
    text = json.dumps({**json.loads(ONE_SHARD.to_json()), key: 2})
    with pytest.raises(UserError, match=rf"^out/m\.json: its {name} is 2, but .* above 1; update beambert$"):
        manifest_from_json(text, "out/m.json")


@pytest.mark.parametrize("labels", [None, (), ("B follows A", "A follows B", "B is random")])
def test_the_words_for_labels_come_back(labels):
    manifest = dataclasses.replace(ONE_SHARD, labels=labels)
    assert ("labels" in json.loads(manifest.to_json())) == (labels is not None)
    assert manifest_from_json(manifest.to_json()) == manifest
