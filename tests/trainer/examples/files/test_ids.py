import pytest

from beam_jobs.errors import UserError
from trainer.examples.example import Place
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.ids import id_text, require_distinct, row_ids
from trainer.examples.files.table import Table

HERE = Place("a.jsonl", 1)


def table(*ids):
    return Table("a.jsonl", ("id", "name"), [(i + 2, {"id": of, "name": "x"}) for i, of in enumerate(ids)])


def test_ids_may_be_numbers():
    assert row_ids(table(7, "b", 12.0), ColumnSettings()) == ["7", "b", "12"]


def test_without_a_column_examples_are_counted():
    assert row_ids(Table("a", ("text",), [(2, {}), (4, {})]), ColumnSettings()) == ["1", "2"]
    assert row_ids(table(7, 7), ColumnSettings(id_column="-")) == ["1", "2"]


@pytest.mark.parametrize("value", [None, "", True, 1.5, [1]])
def test_what_is_no_id_is_refused(value):
    with pytest.raises(UserError, match=r"^a.jsonl:1: its id is "):
        id_text(value, HERE)


def test_an_id_stands_once():
    with pytest.raises(UserError, match=r"^a.jsonl:4: the id '7' stands in row 2 too; .*--id_column=-"):
        row_ids(table(7, 8, "7"), ColumnSettings())
    with pytest.raises(UserError, match="--id_column"):
        row_ids(table(7), ColumnSettings(id_column="key"))
    require_distinct([("a", HERE), ("b", HERE)])
