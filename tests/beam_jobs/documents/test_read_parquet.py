from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.errors import UserError

ROWS = 1000


@pytest.fixture
def parquet(tmp_path):
    def make(columns, name="a.parquet", **options):
        path = tmp_path / name
        pq.write_table(pa.table(columns), path, **options)
        return path

    return make


@pytest.fixture
def corpus(parquet):
    """Three row groups of 400, 400 and 200 documents."""
    texts = [f"Dette er tekst {i}. Den er kort." for i in range(ROWS)]
    return parquet({"id": [f"d{i}" for i in range(ROWS)], "text": texts, "lang": ["nb"] * ROWS}, row_group_size=400)


def test_rows_are_documents(corpus, read):
    documents, rejections, _ = read(corpus)
    assert rejections == []
    assert [d.id for d in documents] == [f"d{i}" for i in range(ROWS)]
    assert [d.offset for d in documents] == list(range(ROWS))
    assert (documents[7].text, documents[7].language) == ("Dette er tekst 7. Den er kort.", "nb")


@pytest.mark.parametrize("cuts", [1, 2, 3, 10, 100])
def test_ranges_hold_every_row_group_once(corpus, read, cuts):
    size = corpus.stat().st_size
    edges = [size * i // cuts for i in range(cuts + 1)]
    parts = [read(corpus, start, end)[0] for start, end in pairwise(edges)]
    assert [d for part in parts for d in part] == read(corpus)[0]


def test_a_cut_just_before_a_row_group(corpus, read):
    first = pq.ParquetFile(corpus).metadata.row_group(1).column(0)
    cut = first.dictionary_page_offset or first.data_page_offset
    assert [d.offset for d in read(corpus, 0, cut)[0]] == list(range(400))
    assert [d.offset for d in read(corpus, cut, corpus.stat().st_size)[0]] == list(range(400, ROWS))


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".zst"])
def test_compressed(corpus, read, compressors, tmp_path, ending):
    path = tmp_path / f"a.parquet{ending}"
    path.write_bytes(compressors[ending](corpus.read_bytes()))
    assert [d.text for d in read(path)[0]] == [d.text for d in read(corpus)[0]]
    path.write_bytes(path.read_bytes()[:-10])
    assert [r.reason for r in read(path)[1]] == ["damaged_file"]


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.binary(), pa.dictionary(pa.int32(), pa.string()), pa.string_view()]
)
def test_kinds_of_text(parquet, read, kind):
    path = parquet({"text": pa.array(["Blåbær.", None, ""], pa.string()).cast(kind)})
    documents, rejections, _ = read(path)
    assert [(d.id, d.text) for d in documents] == [("a.parquet:0", "Blåbær.")]
    assert [(r.offset, r.reason) for r in rejections] == [(1, "text_null"), (2, "empty")]


def test_invalid_utf8_in_a_text_column(parquet, read):
    data = pa.array(["Blåbær.".encode() * 1000 + b"\xff", "blåbær".encode("latin-1"), b"Godt."], pa.binary())
    path = parquet({"text": data.view(pa.string()), "id": ["a", "b", "c"]})
    documents, rejections, faults = read(path)
    assert [d.text for d in documents] == ["Blåbær." * 1000, "Godt."]
    assert [(r.offset, r.reason) for r in rejections] == [(1, "invalid_utf8")]
    assert faults.repaired == {"invalid_utf8_bytes_dropped": 1}


def test_paragraphs(parquet, read):
    path = parquet({"paragraphs": [[{"text": "En."}, {"text": "To."}], []]})
    documents, rejections, _ = read(path)
    assert [d.text for d in documents] == ["En.\nTo."]
    assert [r.reason for r in rejections] == ["empty"]


def test_rows_without_text_have_their_paragraphs(parquet, read):
    texts = ["Full."] * 400 + [None, "Tekst.", None] * 100 + ["Full."] * 300
    paragraphs = [[{"text": "Et"}, {"text": "avsnitt."}] if i % 2 else None for i in range(1000)]
    for options in ({}, {"write_statistics": False}):
        path = parquet({"text": texts, "paragraphs": paragraphs}, row_group_size=400, **options)
        documents, rejections, _ = read(path)
        expected = [text or ("Et\navsnitt." if i % 2 else None) for i, text in enumerate(texts)]
        assert [d.text for d in documents] == [text for text in expected if text]
        assert [(r.reason, r.offset) for r in rejections] == [("text_null", i) for i, t in enumerate(expected) if not t]


def test_a_column_of_nulls_beside_paragraphs(parquet, read):
    path = parquet({"text": pa.nulls(2), "paragraphs": [[{"text": "En."}], ["To."]][:1] * 2})
    assert [d.text for d in read(path)[0]] == ["En.", "En."]


def test_other_columns(parquet, read):
    path = parquet({"body": ["En."], "key": [3]})
    (document,), _, _ = read(path, text_field="body", id_field="key")
    assert (document.id, document.text) == ("3", "En.")
    with pytest.raises(UserError, match=r"a.parquet has no column text; name one of body, key by --text_field"):
        read(path)
    with pytest.raises(UserError, match="column key holds int64, not text"):
        read(path, text_field="key")


def test_a_broken_file_is_set_aside(corpus, read):
    data = bytearray(corpus.read_bytes())
    for broken in (data[:-20], b"no Parquet at all", data[:4]):
        corpus.write_bytes(broken)
        documents, rejections, _ = read(corpus)
        assert documents == []
        assert [r.reason for r in rejections] == ["damaged_file"]


def test_a_broken_page_keeps_what_stands_before(corpus, read):
    data = bytearray(corpus.read_bytes())
    second = pq.ParquetFile(corpus).metadata.row_group(1).column(1)
    start = second.dictionary_page_offset or second.data_page_offset
    data[start : start + second.total_compressed_size] = bytes(second.total_compressed_size)
    corpus.write_bytes(data)
    documents, rejections, _ = read(corpus)
    assert [d.id for d in documents] == [f"d{i}" for i in range(400)]
    assert [r.reason for r in rejections] == ["damaged_file"]


def test_no_rows(parquet, read):
    documents, rejections, _ = read(parquet({"text": pa.array([], pa.string())}))
    assert documents == []
    assert [r.reason for r in rejections] == ["empty_file"]


@pytest.mark.parametrize("name", ["text", "id", "lang"])
def test_two_columns_of_one_name(tmp_path, read, name):
    columns = {"text": ["Some text."], "id": ["a"], "lang": ["nb"], "other": ["b"]}
    table = pa.table([*columns.values(), ["c"]], names=[*columns, name])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(UserError, match=rf"a\.parquet has 2 columns {name}; name another by --\w+_field, or rename"):
        read(tmp_path / "a.parquet")
    pq.write_table(pa.table([*columns.values(), ["c"]], names=[*columns, "other"]), tmp_path / "a.parquet")
    assert [d.id for d in read(tmp_path / "a.parquet")[0]] == ["a"]


def test_the_second_text_of_a_pair_is_a_column(parquet, read):
    path = parquet({"docstring": ["Adds.", "Subtracts."], "code": ["a + b", None]})
    documents, rejections, _ = read(path, text_field="docstring", pair_field="code")
    assert [(d.text, d.pair) for d in documents] == [("Adds.", "a + b")]
    assert [r.reason for r in rejections] == ["pair_missing"]
    with pytest.raises(UserError, match="has no column source; name one of docstring, code by --pair_field"):
        read(path, text_field="docstring", pair_field="source")
