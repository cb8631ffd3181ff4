"""Folders that a job or the trainer has written."""

import json
from pathlib import Path

import pytest

from beam_jobs.errors import UserError
from beam_jobs.execution.earlier_outputs import EarlierOutput, earlier_output, earlier_outputs_among, read_manifest
from beam_jobs.records import Manifest


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("manifest.json", Manifest("sentences", "abc", {}, ()).to_json(), EarlierOutput("sentences", True)),
        ("manifest.json", Manifest("vocabulary", "abc", {}, ()).to_json(), EarlierOutput("vocabulary", True)),
        ("_work/run.json", {"settings_hash": "a", "settings": {"masking": "span"}}, EarlierOutput("instances", False)),
        ("_work/run.json", {"settings_hash": "a", "settings": {"vocab_size": 9}}, EarlierOutput("vocabulary", False)),
        ("_work/run.json", {"settings_hash": "a", "settings": {"pooling": "cls"}}, EarlierOutput("vectors", False)),
        ("plan.json", {"plan": {}, "identity": {}}, EarlierOutput("model", True)),
        ("beambert_export.json", {"files": []}, EarlierOutput("model", True)),
        ("manifest.json", {"kind": "sentences", "name": "of a web page"}, None),
        ("manifest.json", ["of another tool"], None),
        ("manifest.json", "not JSON", None),
        ("_work/run.json", {}, None),
        ("vocab.txt", "[PAD]", None),
    ],
)
def test_what_a_folder_holds(tmp_path: Path, name: str, content: object, expected: EarlierOutput | None) -> None:
    path = tmp_path / "out" / name
    path.parent.mkdir(parents=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    assert earlier_output(str(tmp_path / "out")) == expected
    hints = [
        "out/vocab.txt",
        "out/train/sentences-00000-of-00001.txt",
        "out/rejected/x.jsonl",
        "out/_work/a/b",
        "x.txt",
    ]
    for hint in hints:
        found = earlier_outputs_among([hint], f"{tmp_path}/")
        assert found == ({"out": expected} if expected and hint != "x.txt" else {})
    assert earlier_outputs_among(["vocab.txt"], str(path.parent)) == {}  # the root itself is what the user named


def test_a_manifest_of_another_tool_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"name": "of a web page"}')
    assert read_manifest(str(tmp_path)) is None
    (tmp_path / "manifest.json").write_text('[{"name": "of a web page"}]')
    assert read_manifest(str(tmp_path)) is None
    (tmp_path / "manifest.json").write_text('{"settings_hash": "abc", "shards": 3}')
    with pytest.raises(UserError, match="is not a manifest"):
        read_manifest(str(tmp_path))


def test_a_manifest_of_a_newer_format_is_refused_with_its_path(tmp_path: Path) -> None:
    content = {**json.loads(Manifest("sentences", "abc", {}, ()).to_json()), "format": 2}
    (tmp_path / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match=rf"^{tmp_path}/manifest\.json: its format is 2, .*; update beambert$"):
        read_manifest(str(tmp_path))
