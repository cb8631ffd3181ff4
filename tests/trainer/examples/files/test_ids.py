import pytest

from beam_jobs.errors import UserError
from trainer.examples.example import Place, TextExample
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.ids import id_text, row_ids, with_distinct_ids
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


def texts(*ids):
    return [TextExample(of, "a", None, None, None, Place("a.jsonl", row)) for row, of in enumerate(ids, 1)]


@pytest.mark.parametrize("purpose", ["score", "predict"])
def test_an_id_stands_once(purpose):
    assert with_distinct_ids(texts("a", "b"), purpose, ["told"]).remarks == ("told",)
    with pytest.raises(UserError, match=r"^a.jsonl:3: the id '7' stands in row 1 too; .*--id_column=-"):
        with_distinct_ids(texts("7", "8", "7"), purpose, [])


def test_an_id_may_repeat_in_training_and_this_is_told():
    found = with_distinct_ids(texts("7", "8", "7", "7"), "train", [])
    assert len(found.examples) == 4
    assert found.remarks == ("a.jsonl: 2 of 4 examples have an id that stands before them",)


def test_a_column_for_ids_that_is_not_there_is_refused():
    with pytest.raises(UserError, match="--id_column"):
        row_ids(table(7), ColumnSettings(id_column="key"))
