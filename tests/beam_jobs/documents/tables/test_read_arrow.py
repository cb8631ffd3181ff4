"""Arrow streams and files, as pyarrow and the `datasets` of Hugging Face write them."""

import pyarrow as pa
import pytest

from beam_jobs.errors import UserError

ROWS = 1000


@pytest.fixture
def arrow(tmp_path):
    def make(columns, name="data-00000-of-00001.arrow", new=pa.ipc.new_stream, rows=100, options=None):
        table = pa.table(columns)
        with pa.OSFile(str(tmp_path / name), "wb") as sink, new(sink, table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=rows)
        return tmp_path / name

    return make


@pytest.fixture
def columns():
    texts = [f"Dette er tekst {i}. Den er kort." for i in range(ROWS)]
    return {"id": [f"d{i}" for i in range(ROWS)], "text": texts, "lang": ["nb"] * ROWS, "other": [[1.0]] * ROWS}


@pytest.mark.parametrize("new", [pa.ipc.new_stream, pa.ipc.new_file])
@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_streams_and_files(arrow, read, columns, new, compression) -> None:
    path = arrow(columns, new=new, options=pa.ipc.IpcWriteOptions(compression=compression))
    documents, rejections, faults = read(path)
    assert rejections == []
    assert [(d.id, d.text, d.language, d.offset) for d in documents] == [
        (f"d{i}", columns["text"][i], "nb", i) for i in range(ROWS)
    ]
    assert faults.bytes_read > ROWS * 40


def test_a_compressed_file(arrow, read, columns, compressors, write_file) -> None:
    data = arrow(columns).read_bytes()
    documents, rejections, _ = read(write_file(compressors[".gz"](data), "b.arrow.gz"))
    assert (len(documents), rejections) == (ROWS, [])


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())])
def test_kinds_of_text(arrow, read, kind) -> None:
    documents, _, _ = read(arrow({"text": pa.array(["en", "to", "en"]).cast(kind)}))
    assert [d.text for d in documents] == ["en", "to", "en"]


def test_rows_without_text_are_set_aside(arrow, read) -> None:
    documents, rejections, _ = read(arrow({"text": ["a", None, "", "b"]}))
    assert [d.offset for d in documents] == [0, 3]
    assert [(r.reason, r.offset) for r in rejections] == [("text_null", 1), ("empty", 2)]


def test_a_table_without_rows(arrow, read) -> None:
    documents, (rejected,), _ = read(arrow({"text": pa.array([], pa.string())}))
    assert (documents, rejected.reason, rejected.detail) == ([], "empty_file", "a table without rows")


def test_a_file_that_is_cut_off_gives_what_stands_before(arrow, read, columns, write_file) -> None:
    data = arrow(columns).read_bytes()
    documents, (rejected,), _ = read(write_file(data[: len(data) // 2], "b.arrow"))
    assert 300 <= len(documents) <= 500
    assert rejected.reason == "damaged_file"
    assert "not a readable Arrow file" in rejected.detail


def test_a_file_that_is_not_arrow(read, write_file) -> None:
    documents, (rejected,), _ = read(write_file(b"this is no table\n" * 9, "b.arrow"))
    assert (documents, rejected.reason) == ([], "damaged_file")


def test_a_column_that_is_missing_or_holds_no_text(arrow, read) -> None:
    with pytest.raises(UserError, match="has no column text; name one of body by --text_field"):
        read(arrow({"body": ["a"]}))
    with pytest.raises(UserError, match="column text holds int64, not text"):
        read(arrow({"text": [1]}))
