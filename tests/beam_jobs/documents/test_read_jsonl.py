import gzip
import json
import zlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.documents.read_documents import read_documents
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.settings import SegmentSettings


@pytest.fixture
def jsonl(tmp_path):
    def make(*lines, name="a.jsonl"):
        path = tmp_path / name
        data = b"".join(lines)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return make


def test_fields(jsonl, json_line, read):
    path = jsonl(
        json_line(id="x1", text="En.", lang="nn"),
        b"\n  \n",
        json_line(text="To.", id=7),
        json_line(text="Tre.", id=None, lang=None),
        json_line(body="Fire.", text=None, key="k").rstrip(b"\n"),
    )
    documents, rejections, _ = read(path)
    assert [(d.id, d.text, d.language) for d in documents] == [
        ("x1", "En.", "nn"),
        ("7", "To.", ""),
        ("a.jsonl:71", "Tre.", ""),
    ]
    assert [r.reason for r in rejections] == ["text_null"]
    documents, _, _ = read(path, text_field="body", id_field="key", language="nb")
    assert [(d.id, d.text, d.language) for d in documents] == [("k", "Fire.", "nb")]


def test_paragraphs_as_national_libraries_have_them(jsonl, json_line, read):
    paragraphs = [{"paragraph_id": 0, "text": "En."}, {"paragraph_id": 1, "text": "To."}]
    path = jsonl(
        json_line(id="x", paragraphs=paragraphs),
        json_line(id="y", paragraphs=[*paragraphs, {"text": None}, {}]),
        json_line(id="z", text="Teksten.", paragraphs=paragraphs),
        json_line(id="e", paragraphs=[]),
        json_line(id="n", paragraphs="no list"),
    )
    documents, rejections, faults = read(path)
    assert [(d.id, d.text) for d in documents] == [("x", "En.\nTo."), ("y", "En.\nTo."), ("z", "Teksten.")]
    assert faults.repaired == {"paragraphs_without_text_dropped": 1}
    assert [(r.id, r.reason) for r in rejections] == [("e", "empty"), ("n", "text_missing")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "half', "broken_json"),
        (b"not json", "broken_json"),
        (b"[" * 100_000, "broken_json"),
        (b'["text"]', "not_an_object"),
        (b"3", "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"id": "a"}', "text_missing"),
        (b"{}", "text_missing"),
        (b'{"text": null}', "text_null"),
        (b'{"text": 3}', "text_not_a_string"),
        (b'{"text": ["a", "b"]}', "text_not_a_string"),
        (b'{"text": ""}', "empty"),
        (b'{"text": " \\n\\u00a0\\u2003"}', "empty"),
        (b'{"text": "\xe5\xe6\xf8 \xe5\xe6\xf8"}', "invalid_utf8"),
        (b'{"text": "\\ud800"}', "empty"),
    ],
)
def test_what_is_set_aside(jsonl, json_line, read, line, reason):
    good = json_line(text="Godt.")
    documents, rejections, faults = read(jsonl(good, line, b"\n", good))
    assert [d.offset for d in documents] == [0, len(good) + len(line) + 1]
    (rejection,) = rejections
    assert (rejection.source, rejection.offset, rejection.reason) == ("a.jsonl", len(good), reason)
    assert faults.rejected == {reason: 1}
    assert json.loads(rejection.to_json_line())["reason"] == reason


@pytest.mark.parametrize(
    ("line", "text", "repair"),
    [
        (b'{"text": "a\xffb"}', "ab", "invalid_utf8_bytes_dropped"),
        (b'{"text": "a\\ud83d b"}', "a b", "lone_surrogates_dropped"),
        (b'{"text": "\\ud83d\\ude00", "n": NaN}', "😀", None),
        (b'{"text": "a\\u0000b"}', "a\0b", None),
        (b'{"n": 1' + b"0" * 400 + b', "text": "a"}', "a", None),
    ],
)
def test_what_can_be_mended_is(jsonl, read, line, text, repair):
    documents, rejections, faults = read(jsonl(line, b"\n"))
    assert [d.text for d in documents] == [text]
    assert rejections == []
    assert faults.repaired == ({repair: 1} if repair else {})


def test_a_truncated_file_yields_what_stands_before(jsonl, json_line, read):
    path = jsonl(*(json_line(text=f"Nummer {i}." * 100, id=str(i)) for i in range(20_000)), name="a.jsonl.gz")
    whole = read(path)[0]
    path.write_bytes(path.read_bytes()[:-2000])
    documents, rejections, _ = read(path)
    assert 10_000 < len(documents) < 20_000
    assert documents == whole[: len(documents)]
    assert [r.reason for r in rejections] == ["damaged_file"]
    assert rejections[0].offset == documents[-1].offset
    assert "ends in the middle" in rejections[0].detail


@pytest.mark.parametrize("cut", [3_000, 50_000, 200_000])
@pytest.mark.parametrize("layout", ["lines", "array", "run together"])
def test_all_that_stands_before_the_damage_is_kept(jsonl, json_line, read, cut, layout):
    lines = [json_line(text=f"Nummer {i * 7919 % 10007} " + "x" * (i % 50), id=str(i)) for i in range(20_000)]
    data = b"".join(lines) if layout == "lines" else b"[" + b",".join(lines) + b"]"
    data = b"".join(map(bytes.rstrip, lines)) if layout == "run together" else data
    path = jsonl(data, name="a.jsonl.gz")
    stored = path.read_bytes()
    path.write_bytes(stored[: min(cut, len(stored) - 20)])
    there = zlib.decompressobj(31).decompress(path.read_bytes())
    documents, _, _ = read(path)
    assert there.count(b"}") - 1 <= len(documents) <= there.count(b"}")


def test_a_file_that_is_not_compressed_at_all(tmp_path, json_line, read):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(json_line(text="Godt."))
    documents, rejections, _ = read(path)
    assert [d.text for d in documents] == ["Godt."]
    assert rejections == []
    path.write_bytes(b"\0\1\2")
    assert [r.reason for r in read(path)[1]] == ["damaged_file"]


def test_a_document_of_ten_megabytes_without_punctuation(jsonl, json_line, read):
    (document,), _, _ = read(jsonl(json_line(text="ord " * 2_500_000)))
    assert len(document.text) == 10_000_000


RECORDS = [{"text": f'Nr. {i} {{"}}]\\ æ'} for i in range(5)]
LAYOUTS = {
    "an array": json.dumps(RECORDS),
    "an array over lines": "[\n" + ",\n".join(map(json.dumps, RECORDS)) + "\n]\n",
    "an indented array": json.dumps(RECORDS, indent=2),
    "objects over lines": "\n".join(json.dumps(record, indent=4) for record in RECORDS),
    "no newlines": "".join(map(json.dumps, RECORDS)),
    "carriage returns": "\r".join(map(json.dumps, RECORDS)) + "\r",
    "commas": ",\n".join(map(json.dumps, RECORDS)),
    "two a line": "\n".join(json.dumps(record) + json.dumps(record) for record in RECORDS),
    "record separators": "".join("\x1e" + json.dumps(record) + "\n" for record in RECORDS),
    "joined files with byte order marks": "".join("\ufeff" + json.dumps(record) + "\n" for record in RECORDS),
    "joined files without newlines": "".join("\ufeff" + json.dumps(record) for record in RECORDS),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.json.gz"])
def test_layouts_that_are_plainly_meant(jsonl, read, layout, name):
    data = LAYOUTS[layout].encode()
    path = jsonl(data, name=name)
    documents, rejections, faults = read(path)
    expected = [record["text"] for record in RECORDS for _ in range(2 if layout == "two a line" else 1)]
    assert [document.text for document in documents] == expected
    assert rejections == []
    assert faults.bytes_read == len(data)
    for document in documents:
        assert json.loads(data[document.offset : document.offset + document.size].strip(b",\n\xef\xbb\xbf\x1e"))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cuts", [2, 3, 7, 50])
def test_ranges_of_any_layout_hold_every_document_once(jsonl, read, layout, cuts):
    data = LAYOUTS[layout].encode()
    path = jsonl(data)
    edges = [len(data) * i // cuts for i in range(cuts + 1)]
    parts = [read(path, start, end) for start, end in pairwise(edges)]
    assert [document for part in parts for document in part[0]] == read(path)[0]
    assert sum(part[2].bytes_read for part in parts) == len(data)


@pytest.mark.parametrize("before", [b"", b"["])
def test_a_broken_value_among_many_is_set_aside_alone(jsonl, read, before):
    path = jsonl(before + b'{"text": "a"}, {"text": b}, 7, {"text": "c"}')
    documents, rejections, _ = read(path)
    assert [d.text for d in documents] == ["a", "c"]
    assert [(r.reason, r.size) for r in rejections] == [("broken_json", 11), ("not_an_object", 1)]


def test_a_line_that_is_longer_than_it_is_read_at_once(jsonl, json_line, read, monkeypatch):
    monkeypatch.setattr("beam_jobs.documents.read_jsonl._LINE_BYTES", 64)
    long = json_line(text="x" * 1000)
    path = jsonl(long, long.rstrip() * 3, b"\n", b"x" * 500, b"\n", long)
    documents, rejections, faults = read(path)
    assert len(documents) == 5
    assert documents[-1].offset == path.stat().st_size - len(long)
    assert {r.reason for r in rejections} == {"broken_json"}
    assert sum(r.size for r in rejections) in (500, 501)
    assert rejections[0].offset == 4 * len(long) - 2
    assert faults.bytes_read == path.stat().st_size


@pytest.mark.parametrize("before", [b"", b"["])
def test_a_giant_value_is_set_aside_and_weighed(jsonl, json_line, read, monkeypatch, before):
    for name in ("_LINE_BYTES", "MAX_DOCUMENT_BYTES"):
        monkeypatch.setattr(f"beam_jobs.documents.read_jsonl.{name}", 64)
    monkeypatch.setattr("beam_jobs.documents.json_values._CHUNK_BYTES", 32)
    short = json_line(text="a")
    path = jsonl(before, short, json_line(text="x" * 1000), short)
    documents, rejections, faults = read(path)
    assert [d.text for d in documents] == (["a"] if before else ["a", "a"])
    (rejection,) = rejections
    assert (rejection.reason, rejection.offset) == ("too_large", len(before + short))
    assert rejection.size == path.stat().st_size - rejection.offset - (0 if before else len(short))
    assert faults.bytes_read == path.stat().st_size


def test_metadata_beside_the_documents_is_no_document(jsonl, json_line, read):
    documents, rejections, faults = read(jsonl(b'{\n  "version": 1\n}\n', name="dataset_info.json"))
    assert (documents, rejections) == ([], [])
    assert len(faults.noted) == 1
    for name, data in (("a.jsonl", b'{"version": 1}\n'), ("a.json", b'{"version": 1}\n{"version": 1}\n')):
        assert {r.reason for r in read(jsonl(data, name=name))[1]} == {"text_missing"}
    assert [d.text for d in read(jsonl(json_line(text="Ett."), name="one.json"))[0]] == ["Ett."]


def test_one_object_with_paragraphs_is_a_document_in_a_json_file_too(jsonl, json_line, read):
    data = json_line(id="x", paragraphs=[{"text": "En."}, {"text": "To."}])
    documents, rejections, faults = read(jsonl(data, name="one.json"))
    assert [d.text for d in documents] == ["En.\nTo."]
    assert (rejections, faults.noted) == ([], set())


LINE = st.sampled_from(
    [b'{"text": "a"}\n', b"\n", b"broken\n", b'{"text": "' + b"x" * 60 + b'"}\r\n', b'{"text": ""}\n']
)


@given(lines=st.lists(LINE, min_size=1, max_size=30), cuts=st.lists(st.floats(0, 1), max_size=6), tail=st.booleans())
@settings(deadline=None)
def test_ranges_hold_every_line_once(tmp_path_factory, lines, cuts, tail):
    path = tmp_path_factory.getbasetemp() / "ranges.jsonl"
    data = b"".join(lines).rstrip(b"\n" if tail else b"") or b"\n"
    path.write_bytes(data)

    def read_ranges(edges):
        rejections, documents = [], []
        for start, end in pairwise(edges):
            piece = InputPiece(str(path), "r.jsonl", "r.jsonl", start, end, end - start)
            documents += read_documents(piece, SegmentSettings(), SourceFaults("r.jsonl", rejections.append))
        return documents, rejections

    edges = [0, *sorted({int(cut * len(data)) for cut in cuts} - {0, len(data)}), len(data)]
    found = read_ranges(edges)
    assert found == read_ranges([0, len(data)])
    lines_with_text = sum(1 for line in data.splitlines() if line.strip())
    assert len(found[0]) + len(found[1]) == max(1, lines_with_text)  # a file of blank lines is set aside as one
