import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.errors import UserError
from trainer.examples.files.parquet_rows import read_parquet_rows


def save(path: Path, columns: dict, **settings) -> str:
    pq.write_table(pa.table(columns), path, **settings)
    return str(path)


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "brotli", "lz4"])
def test_every_compression_inside_is_read(tmp_path, compression):
    path = save(tmp_path / "a.parquet", {"text": ["a", "b"], "label": [1, None]}, compression=compression)
    assert read_parquet_rows(path).rows == [(1, {"text": "a", "label": 1}), (2, {"text": "b", "label": None})]


def test_a_compressed_file_and_dictionaries_are_read(tmp_path):
    path = save(tmp_path / "a.parquet", {"text": pa.array(["a", "b", "a"]).dictionary_encode()})
    packed = tmp_path / "b.parquet.gz"
    packed.write_bytes(gzip.compress(Path(path).read_bytes()))
    assert [row["text"] for _, row in read_parquet_rows(str(packed)).rows] == ["a", "b", "a"]


def test_names_of_classes_are_those_of_datasets(tmp_path):
    features = {
        "label": {"names": ["neg", "pos"], "_type": "ClassLabel"},
        "tags": {"feature": {"names": ["O", "B-X"], "_type": "ClassLabel"}, "_type": "Sequence"},
        "old": [{"names": ["A"], "_type": "ClassLabel"}],
        "text": {"dtype": "string", "_type": "Value"},
    }
    table = pa.table({"label": [0], "tags": [[1]], "old": [[0]], "text": ["a"]})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, tmp_path / "a.parquet")
    names = read_parquet_rows(str(tmp_path / "a.parquet")).class_names
    assert names == {"label": ("neg", "pos"), "tags": ("O", "B-X"), "old": ("A",)}


def test_other_metadata_is_let_be(tmp_path):
    table = pa.table({"label": [0]}).replace_schema_metadata({"huggingface": "{"})
    pq.write_table(table, tmp_path / "a.parquet")
    assert read_parquet_rows(str(tmp_path / "a.parquet")).class_names == {}


def test_what_is_no_parquet_or_has_no_rows_is_refused(tmp_path, write):
    with pytest.raises(UserError, match="is no readable Parquet file") as raised:
        read_parquet_rows(write("a.parquet", "text\n"))
    assert "\n" not in str(raised.value)
    with pytest.raises(UserError, match="has no rows"):
        read_parquet_rows(save(tmp_path / "b.parquet", {"text": pa.array([], pa.string())}))
    doubled = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    pq.write_table(doubled, tmp_path / "c.parquet")
    with pytest.raises(UserError, match="has several columns text"):
        read_parquet_rows(str(tmp_path / "c.parquet"))
