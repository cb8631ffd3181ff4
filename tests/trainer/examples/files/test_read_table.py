import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from trainer.examples.files.read_table import TABLE_ENDINGS, read_table


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "a"}\n'),
        ("a.NDJSON", '{"text": "a"}\n'),
        ("a.json", '[{"text": "a"}]'),
        ("a.tsv", "text\na\n"),
        ("a.csv", "text\na\n"),
    ],
)
def test_the_ending_tells_the_format(write, name, content):
    assert [row for _, row in read_table(write(name, content)).rows] == [{"text": "a"}]
    assert [row for _, row in read_table(write(f"{name}.gz", gzip.compress(content.encode()))).rows] == [{"text": "a"}]
    assert [row for _, row in read_table(f"file://{write(name, content)}").rows] == [{"text": "a"}]


def test_files_in_object_stores_are_read(bucket, tmp_path):
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "a.parquet")
    files = {"a.parquet": (tmp_path / "a.parquet").read_bytes(), "a.tsv.gz": gzip.compress(b"text\na\n")}
    for name, content in files.items():
        storage.write_atomically(f"{bucket}/labelled/{name}", content)
        assert [row for _, row in read_table(f"{bucket}/labelled/{name}").rows] == [{"text": "a"}]
    with pytest.raises(UserError, match=r"no\.tsv: cannot be read") as raised:
        read_table(f"{bucket}/labelled/no.tsv")
    assert "\n" not in str(raised.value)


def test_another_ending_is_refused(write):
    assert ".parquet" in TABLE_ENDINGS
    with pytest.raises(UserError, match=r"a\.xlsx: its ending tells no format"):
        read_table(write("a.xlsx", "a"))
