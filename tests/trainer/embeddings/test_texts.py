import gzip

import pytest

from beam_jobs.errors import UserError
from trainer.embeddings.texts import read_embed_texts
from trainer.examples.files.column_settings import ColumnSettings


def test_a_line_is_a_text_and_its_number_the_id(tmp_path):
    (tmp_path / "in.txt.gz").write_bytes(gzip.compress("the cat\n\nå [SEP]\r\n".encode()))
    found = read_embed_texts(str(tmp_path / "in.txt.gz"), ColumnSettings())
    assert [(example.id, example.text) for example in found.examples] == [("1", "the cat"), ("2", ""), ("3", "å [SEP]")]
    assert found.remarks == (f"{tmp_path}/in.txt.gz: 1 of 3 lines are empty; they are kept, as [CLS] [SEP]",)


def test_a_table_needs_no_labels(tmp_path):
    (tmp_path / "in.tsv").write_text("id\tbody\n7\tthe cat\n")
    found = read_embed_texts(str(tmp_path / "in.tsv"), ColumnSettings(text_column="body"))
    assert [(example.id, example.text) for example in found.examples] == [("7", "the cat")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("in.docx", "x", "its ending tells no format; name a file that ends in .txt, .jsonl"),
        ("in.txt", "", "is empty; name a file with examples"),
        ("in.tsv", "id\tbody\n7\tthe cat\n", "has no column text or sentence"),
        ("in.jsonl", '{"text": 3}\n', "text is a number, not text"),
        ("in.jsonl", '{"id": 1, "text": "a"}\n{"id": 1, "text": "b"}\n', "the id '1' stands in row 1 too"),
    ],
)
def test_mistakes_are_one_line(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError) as error:
        read_embed_texts(str(tmp_path / name), ColumnSettings())
    assert said in str(error.value)
    assert "\n" not in str(error.value)
