import json

from beam_jobs.records import Rejection


def test_a_rejection_is_one_line() -> None:
    line = Rejection("a.jsonl", 7, "broken_json", "line 1\nline 2 æ", "id").to_json_line()
    assert "\n" not in line
    assert json.loads(line)["detail"] == "line 1\nline 2 æ"
