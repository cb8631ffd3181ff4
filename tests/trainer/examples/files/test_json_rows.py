import pytest

from beam_jobs.errors import UserError
from trainer.examples.files.json_rows import read_json, read_json_lines, read_json_rows, rows_of_lines, table_of
from trainer.examples.files.lines import Lines


def test_an_object_a_line_with_the_keys_of_all_rows_as_columns(write):
    table = read_json_lines(write("a.jsonl", '{"text": "a"}\n\n{"text": "b\u2028", "label": 1}\n'))
    assert table.columns == ("text", "label")
    assert table.rows == [(1, {"text": "a"}), (3, {"text": "b\u2028", "label": 1})]


@pytest.mark.parametrize(
    "content", ['[{"a": 1},\n{"a": 2}]', '{"version": 1, "data": [{"a": 1}, {"a": 2}]}', '{"a": 1}\n{"a": 2}']
)
def test_a_json_file_is_an_array_or_data_or_lines(write, content):
    assert read_json_rows(write("a.json", content)).rows == [(1, {"a": 1}), (2, {"a": 2})]


def test_one_object_is_one_row(write):
    assert read_json_rows(write("a.json", {"a": 1})).rows == [(1, {"a": 1})]
    assert read_json(write("b.json", {"a": 1}))[0] == {"a": 1}


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.jsonl", '{"a": 1}\n{"a": \n', r"a\.jsonl:2: is not JSON"),
        ("a.jsonl", '{"a": NaN}\n', r"a\.jsonl:1: is not JSON"),
        ("a.jsonl", '{"a": "\\ud800"}\n', r"a\.jsonl:1: is not JSON"),
        ("a.jsonl", '[{"a": 1}]\n', r"a\.jsonl:1: holds a list, not an object; name the file \.json"),
        ("a.jsonl", '[\n{"a": 1}\n]\n', r"a\.jsonl:1: is not JSON \(.*\); name the file \.json"),
        ("a.jsonl", '"a"\n', "holds text, not an object"),
        ("a.json", '[{"a": 1},\n2]', r"a\.json:2: the array holds a number there"),
        ("a.json", '[{"a": 1},\n{]', r"a\.json:2: is not JSON"),
        ("a.json", "3", "holds a number, not an array"),
        ("a.json", "[]", "has no rows"),
    ],
)
def test_other_json_is_refused(write, name, content, why):
    with pytest.raises(UserError, match=why):
        (read_json_lines if name == "a.jsonl" else read_json_rows)(write(name, content))


def test_remarks_are_kept():
    assert rows_of_lines("a", Lines(['{"a": 1}'], ("told",))).remarks == ("told",)
    assert table_of("a", [(1, {"b": 0})], ()).columns == ("b",)
