import pytest

from beam_jobs.errors import UserError
from trainer.examples.files.table import Table, kind_of

TABLE = Table("a.tsv", ("id", "text"), [(2, {"id": 1, "text": "x"})])


def test_a_column_is_the_given_one_or_the_first_known_one():
    assert TABLE.column("", ("sentence", "text"), "text_column") == "text"
    assert TABLE.column("id", ("text",), "text_column") == "id"
    assert TABLE.column("", ("label",), "label_column") is None


def test_a_missing_column_names_the_others_and_the_option():
    with pytest.raises(
        UserError, match=r"^a.tsv: has no column body; name one of 'id', 'text' by --text_column; the first"
    ):
        TABLE.column("body", (), "text_column")
    with pytest.raises(UserError, match="no column a or b"):
        TABLE.needed("", ("a", "b"), "text_column")
    assert not str(Table("a.parquet", (), []).missing("a", "b")).endswith("the columns")


def test_a_text_is_text():
    assert TABLE.text(*TABLE.rows[0], "text") == "x"
    with pytest.raises(UserError, match=r"^a.tsv:2: id is a number, not text"):
        TABLE.text(*TABLE.rows[0], "id")
    with pytest.raises(UserError, match=r"^a.tsv:2: has no body"):
        TABLE.text(*TABLE.rows[0], "body")
    assert [kind_of(value) for value in (None, True, [], b"")] == [
        "null",
        "true or false",
        "a list",
        "of the type bytes",
    ]
