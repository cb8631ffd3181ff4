"""What reading a Parquet file asks of the object stores, on loopback."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs import storage
from beam_jobs.documents import stored_table
from beam_jobs.documents.read_parquet import read_parquet
from beam_jobs.documents.stored_table import StoredTable, ranges_of
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.settings import SegmentSettings

ROWS, GROUPS = 3000, 3


@pytest.fixture(scope="module")
def table():
    """A file of three row groups: text that hardly shrinks, ids, and a column that nobody reads."""
    generator = np.random.default_rng(0)
    letters = generator.integers(97, 123, (ROWS, 2000), dtype=np.uint8)
    columns = {
        "id": [f"n{i}" for i in range(ROWS)],
        "unread": [row.tobytes()[::-1] for row in letters],
        "text": [row.tobytes().decode() for row in letters],
    }
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, row_group_size=ROWS // GROUPS, use_dictionary=False)
    return file.getvalue(), columns


def read(uri, start=0, end=-1):
    size, version = storage.state(uri)
    piece = InputPiece(uri, "a.parquet", "a.parquet", start, end, size, file_size=size, version=version)
    return list(read_parquet(piece, SegmentSettings(), SourceFaults("a.parquet", pytest.fail)))


def test_a_store_is_asked_for_the_columns_that_are_read_and_little_more(bucket, table, received):
    data, columns = table
    uri = f"{bucket}/parquet/a.parquet"
    storage.write_whole(uri, data)
    received.clear()
    documents = read(uri)
    assert [document.text for document in documents] == columns["text"]
    assert [document.id for document in documents] == columns["id"]
    assert len(received) <= 1 + 1 + 2 * GROUPS  # the size, the end of the file, and two columns of each row group
    wanted = sum(len(text) for text in columns["text"] + columns["id"])
    assert sum(size for _, size in received) <= 1.05 * wanted
    metadata = pq.read_metadata(io.BytesIO(data))
    second = metadata.row_group(1).column(0).data_page_offset
    received.clear()
    assert [document.offset for document in read(uri, second, second + 1)] == list(range(1000, 2000))
    assert len(received) <= 1 + 2  # the end of the file is known by now


def test_a_file_that_is_no_parquet_is_damaged_and_one_that_vanished_is_an_error_of_the_store(bucket):
    uri = f"{bucket}/parquet/b.parquet"
    for data in (b"", b"PAR1", b"PAR1 and no more", bytes(100_000)):
        storage.write_whole(uri, data)
        with pytest.raises(storage.DamagedFileError, match="not a readable Parquet file"):
            read(uri)
    storage.write_whole(uri, b"PAR1" * 10)
    size, version = storage.state(uri)
    storage.delete([uri])
    piece = InputPiece(uri, "b.parquet", "b.parquet", 0, -1, size, file_size=size, version=version)
    with pytest.raises(FileNotFoundError):
        list(read_parquet(piece, SegmentSettings(), SourceFaults("b.parquet", pytest.fail)))


def test_large_columns_have_streams_of_their_own_and_small_ones_share_one(bucket, monkeypatch):
    monkeypatch.setattr(stored_table, "_SMALL_BYTES", 20_000)
    monkeypatch.setattr(stored_table, "_GAP_BYTES", 2_000)
    columns = {name: [f"{name}{i * i}" for i in range(3000)] for name in ("a", "b")}
    columns |= {"far": [[f"c{i}"] for i in range(3000)]}
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, use_dictionary=False, compression="none")
    group = pq.read_metadata(io.BytesIO(file.getvalue())).row_group(0)
    assert len(ranges_of(group, ["a", "b"])) == 2
    monkeypatch.setattr(stored_table, "_SMALL_BYTES", 1 << 20)
    ((start, end),) = ranges_of(group, ["a", "b"])
    assert end - start == sum(group.column(i).total_compressed_size for i in (0, 1))
    assert len(ranges_of(group, ["a", "far"])) == 2
    assert ranges_of(group, ["none"]) == []
    uri = f"{bucket}/parquet/c.parquet"
    storage.write_whole(uri, file.getvalue())
    with StoredTable(uri, len(file.getvalue())) as table:
        table.announce(ranges_of(group, ["a"]))
        assert pq.read_table(table, pre_buffer=False).to_pydict() == columns  # what was not announced is read too
        assert (table.seek(-4, io.SEEK_END), table.read(), table.read()) == (len(file.getvalue()) - 4, b"PAR1", b"")
