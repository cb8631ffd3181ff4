import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.errors import UserError
from trainer.examples.example import Place, TextExample
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.text_examples import label_name, label_names, read_texts

HERE = Place("f", 1)


def test_a_text_with_its_label(write):
    path = write("a.jsonl", [{"id": 7, "text": "Fin film", "label": "pos"}, {"id": "b", "text": "å", "label": 0}])
    found = read_texts(path, ColumnSettings())
    assert found.examples == (
        TextExample("7", "Fin film", None, ("pos",), None, Place(path, 1)),
        TextExample("b", "å", None, ("0",), None, Place(path, 2)),
    )
    assert found.remarks == ()


@pytest.mark.parametrize(
    "names",
    [
        ("text", "text_pair"),
        ("sentence1", "sentence2"),
        ("premise", "hypothesis"),
        ("question1", "question2"),
        ("question", "sentence"),
    ],
)
def test_pairs_under_their_usual_names(write, names):
    path = write("a.tsv", f"idx\t{names[0]}\t{names[1]}\tlabel\n5\ta\tb\tyes\n")
    (example,) = read_texts(path, ColumnSettings(), pairs=True).examples
    assert (example.id, example.text, example.pair, example.labels) == ("5", "a", "b", ("yes",))
    with pytest.raises(UserError, match=r"has pairs of texts, .*; use --task pairs, or name one by --text_column"):
        read_texts(path, ColumnSettings())
    (example,) = read_texts(path, ColumnSettings(text_column=names[0])).examples
    assert example.pair is None


def test_columns_by_their_settings(write):
    path = write("a.csv", "key,body,more,class\n1,a,b,x\n")
    settings = ColumnSettings(id_column="key", text_column="body", pair_column="more", label_column="class")
    (example,) = read_texts(path, settings, pairs=True).examples
    assert (example.id, example.text, example.pair, example.labels) == ("1", "a", "b", ("x",))
    with pytest.raises(UserError, match="--pair_column more is for pairs"):
        read_texts(path, settings)
    with pytest.raises(UserError, match="--pair_column is not given"):
        read_texts(path, ColumnSettings(text_column="body"), pairs=True)


def test_several_labels_in_a_list_or_between_separators(write):
    rows = [{"text": "a", "labels": ["x", "y"]}, {"text": "b", "labels": []}]
    found = read_texts(write("a.jsonl", rows), ColumnSettings(), "several").examples
    assert [example.labels for example in found] == [("x", "y"), ()]
    found = read_texts(write("a.tsv", "text\tlabels\na\tx | y\nb\t\n"), ColumnSettings(), "several").examples
    assert [example.labels for example in found] == [("x", "y"), ()]


def test_numbers(write):
    found = read_texts(
        write("a.tsv", "sentence1\tsentence2\tscore\na\tb\t-2.5\n"), ColumnSettings(), "number", pairs=True
    )
    assert found.examples[0].value == -2.5
    assert found.examples[0].labels is None


def test_without_labels_nothing_is_missing(write):
    found = read_texts(
        write("a.jsonl", [{"text": "a"}, {"text": "", "label": "x"}]), ColumnSettings(), purpose="predict"
    )
    assert [example.labels for example in found.examples] == [None, ("x",)]
    assert found.remarks[0].endswith("1 of 2 texts are empty; they are kept, as [CLS] [SEP]")


def test_numbers_of_classes_become_their_names(tmp_path):
    features = {"label": {"names": ["neg", "pos"], "_type": "ClassLabel"}}
    table = pa.table({"text": ["a", "b"], "label": [1, -1]})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, tmp_path / "a.parquet")
    found = read_texts(str(tmp_path / "a.parquet"), ColumnSettings(), purpose="predict").examples
    assert [example.labels for example in found] == [("pos",), None]


def test_labels_as_people_write_them():
    assert [label_name(value, HERE, "label", ()) for value in (True, 2, 3.0, "a b")] == ["true", "2", "3", "a b"]
    assert label_names("a|b", HERE, "label", ()) == ("a|b",)
    assert label_names("", HERE, "label", ()) is None
    assert label_names("", HERE, "labels", (), "|") == ()
