import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.errors import UserError
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.word_examples import read_words


def test_rows_of_tokens_and_tags(write):
    found = read_words(
        write("a.jsonl", [{"id": 3, "tokens": ["Ola", "ler"], "ner_tags": ["B-PER", "O"]}]), ColumnSettings()
    )
    (example,) = found.examples
    assert (example.id, example.words, example.tags) == ("3", ("Ola", "ler"), ("B-PER", "O"))


def test_columns_and_spans_are_read_by_the_same_function(write):
    for name, content in (("a.conll", "Ola\tB-PER\n"), ("a.jsonl", [{"text": "Ola", "spans": [[0, 3, "PER"]]}])):
        (example,) = read_words(write(name, content), ColumnSettings()).examples
        assert (example.words, example.tags) == (("Ola",), ("B-PER",))


def test_tags_of_parquet_are_named_by_the_file(tmp_path):
    features = {"ner_tags": {"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}, "_type": "Sequence"}}
    table = pa.table({"tokens": [["Ola", "ler"]], "ner_tags": [[1, 0]]})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, tmp_path / "a.parquet")
    assert read_words(str(tmp_path / "a.parquet"), ColumnSettings()).examples[0].tags == ("B-PER", "O")


def test_without_tags_words_are_enough(write):
    found = read_words(write("a.jsonl", [{"words": ["Ola"]}]), ColumnSettings(), purpose="predict")
    assert found.examples[0].tags is None


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"tokens": ["a"]}, "has no column tags or"),
        ({"tokens": ["a"], "tags": None}, ":1: has no tags"),
        ({"tokens": ["a", "b"], "tags": ["O"]}, ":1: has 2 words, but 1 tags"),
        ({"tokens": ["a", ""], "tags": ["O", "O"]}, ":1: word 2 of tokens is empty"),
        ({"tokens": [], "tags": []}, ":1: tokens holds no word"),
        ({"tokens": "a b", "tags": "O O"}, ":1: tokens is text, not a list"),
        ({"tokens": [1], "tags": ["O"]}, ":1: word 1 of tokens is a number"),
        ({"tokens": ["a"], "tags": "O"}, ":1: tags is text, not a list"),
        ({"tokens": ["a"], "tags": [None]}, ":1: tags is null, not the name"),
        ({"body": "a"}, "has no column tokens or words, nor text with spans"),
    ],
)
def test_other_rows_are_refused(write, row, why):
    with pytest.raises(UserError, match=why):
        read_words(write("a.jsonl", [row]), ColumnSettings())


def test_a_csv_file_holds_no_words(write):
    with pytest.raises(UserError, match="its ending tells no format"):
        read_words(write("a.csv", "a,b\n"), ColumnSettings())
