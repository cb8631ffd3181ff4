import json

import pytest

from beam_jobs.errors import UserError
from trainer.finetuning.run_files import TaskRecord, read_json_file, write_json, write_json_lines
from trainer.finetuning.settings import TaskSettings

RECORD = TaskRecord(TaskSettings("answer", max_seq_length=384, null_threshold=None), ("negativ", "nøytral"))


def test_labels_json_is_read_back_and_shows_the_labels_first():
    content = RECORD.to_bytes()
    assert TaskRecord.from_bytes(content, "labels.json") == RECORD
    assert list(json.loads(content)) == ["format", "labels", "task"]
    assert "nøytral" in content.decode()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"format": 1}', b'{"format": 1, "task": {}, "labels": []}'])
def test_another_file_is_refused_in_one_line(content):
    with pytest.raises(UserError, match=r"^here: cannot be read"):
        TaskRecord.from_bytes(content, "here")


def test_what_a_newer_version_added_is_passed_over():
    content = json.loads(RECORD.to_bytes())
    content["task"]["of_tomorrow"] = 1
    assert TaskRecord.from_bytes(json.dumps(content).encode(), "labels.json") == RECORD


def test_json_and_lines(tmp_path):
    write_json(str(tmp_path / "a" / "scores.json"), {"f1": 0.5})
    assert read_json_file(str(tmp_path / "a" / "scores.json")) == {"f1": 0.5}
    assert read_json_file(str(tmp_path / "none.json")) == {}
    (tmp_path / "half.json").write_text('{"f1"')
    assert read_json_file(str(tmp_path / "half.json")) == {}
    write_json_lines(str(tmp_path / "rows.jsonl"), [{"id": "æ"}, {"id": "b"}])
    assert (tmp_path / "rows.jsonl").read_text(encoding="utf-8") == '{"id": "æ"}\n{"id": "b"}\n'
