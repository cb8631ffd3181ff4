from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.documents.read_documents import read_documents
from beam_jobs.faults import source_faults as faults_module
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.records import Rejection
from beam_jobs.settings import SegmentSettings


@pytest.fixture
def text_file(write_file):
    return lambda data, name="a.txt": write_file(data, name)


def test_a_file_is_a_document(text_file, read):
    (document,), rejections, _ = read(text_file(b"\xef\xbb\xbfen\n\nto\n"), language="nb")
    assert (document.id, document.text, document.language, document.source) == ("a.txt", "en\n\nto\n", "nb", "a.txt")
    assert rejections == []


def test_a_line_is_a_document(text_file, read):
    documents, rejections, _ = read(text_file(b"\xef\xbb\xbfen\n\n  \t\nto\r\ntre"), documents_are="lines")
    assert [(d.text, d.offset, d.id) for d in documents] == [
        ("en\n", 0, "a.txt:0"),
        ("to\r\n", 11, "a.txt:11"),
        ("tre", 15, "a.txt:15"),
    ]
    assert rejections == []


def test_a_block_is_a_document(text_file, read):
    documents, rejections, _ = read(
        text_file(b"\n\nen\nto\n \t\r\n\ntre\r\n\r\nfire"), documents_are="paragraph_blocks"
    )
    assert [(d.text, d.offset) for d in documents] == [("en\nto\n", 2), ("tre\r\n", 13), ("fire", 20)]
    assert rejections == []


def ranges(path, edges, kind):
    """What the ranges of a file between `edges` hold, together."""
    documents, rejections = [], []
    for start, end in pairwise(edges):
        piece = InputPiece(str(path), path.name, path.name, start, end, end - start)
        settings = SegmentSettings(documents_are=kind)
        documents += read_documents(piece, settings, SourceFaults(path.name, rejections.append))
    return documents, rejections


PARTS = st.sampled_from(["a", "ø", "tekst her", "\n", "\n", "\n\n", " ", "\r\n", "x" * 50])


@pytest.mark.parametrize("kind", ["lines", "paragraph_blocks"])
@given(parts=st.lists(PARTS, min_size=1, max_size=40), cuts=st.lists(st.floats(0, 1), max_size=6))
@settings(deadline=None)
def test_ranges_hold_every_document_once(tmp_path_factory, kind, parts, cuts):
    path = tmp_path_factory.getbasetemp() / f"ranges-{kind}.txt"
    data = "".join(parts).encode()
    path.write_bytes(data)
    edges = [0, *sorted({int(cut * len(data)) for cut in cuts} - {0, len(data)}), len(data)]
    assert ranges(path, edges, kind) == ranges(path, [0, len(data)], kind)
    texts = [document.text for document in ranges(path, edges, kind)[0]]
    assert "".join("".join(texts).split()) == "".join(data.decode().split())


@pytest.mark.parametrize("kind", ["files", "lines", "paragraph_blocks"])
def test_a_giant_is_set_aside_and_its_neighbours_kept(text_file, read, monkeypatch, kind):
    for module in ("lines", "read_txt"):
        monkeypatch.setattr(f"beam_jobs.documents.{module}.MAX_DOCUMENT_BYTES", 100)
    monkeypatch.setattr("beam_jobs.documents.lines._SKIP_BYTES", 64)
    path = text_file(b"en\n\n" + b"x" * 1000 + b"\n\nto\n")
    documents, rejections, _ = read(path, documents_are=kind)
    assert [d.text for d in documents] == ([] if kind == "files" else ["en\n", "to\n"])
    assert [(r.reason, r.offset) for r in rejections] == [("too_large", 0 if kind == "files" else 4)]
    assert "--documents_are=lines" in rejections[0].detail
    if kind != "files":
        assert ranges(path, [0, 50, 500, 1010], kind)[0] == documents
        assert len(ranges(path, [0, 50, 500, 1010], kind)[1]) == 1


def test_a_giant_block_of_short_lines_is_set_aside(text_file, read, monkeypatch):
    monkeypatch.setattr("beam_jobs.documents.read_txt.MAX_DOCUMENT_BYTES", 100)
    documents, rejections, _ = read(text_file(b"en\n\n" + b"x\n" * 100 + b"\nto\n"), documents_are="paragraph_blocks")
    assert [d.text for d in documents] == ["en\n", "to\n"]
    assert [(r.reason, r.offset) for r in rejections] == [("too_large", 4)]


def test_limit_is_a_quarter_gibibyte():
    assert faults_module.MAX_DOCUMENT_BYTES == 256 * 1024 * 1024


def test_a_few_invalid_bytes_are_dropped_and_many_set_the_document_aside(text_file, read):
    documents, rejections, faults = read(
        text_file(b"en\nt\xffo\n" + "blåbær\n".encode("latin-1")), documents_are="lines"
    )
    assert [d.text for d in documents] == ["en\n", "to\n"]
    assert faults.repaired == {"invalid_utf8_bytes_dropped": 1}
    assert [(r.reason, r.offset, r.detail) for r in rejections] == [
        (
            "invalid_utf8",
            7,
            "2 of 7 bytes are not UTF-8; it seems to be an encoding such as windows-1251, gb18030 or shift_jis",
        )
    ]


def test_a_text_in_another_encoding_is_set_aside(text_file, read):
    path = text_file(("Blåbærsyltetøy på brødskiva. " * 100).encode("latin-1"))
    (rejection,) = read(path)[1]
    assert rejection.reason == "invalid_utf8"
    assert rejection.detail == "500 of 2900 bytes are not UTF-8; it seems to be ISO-8859-1 or windows-1252"


@pytest.mark.parametrize("kind", ["files", "lines", "paragraph_blocks"])
@pytest.mark.parametrize("ending", [".gz", ".bz2", ".zst"])
def test_compressed(text_file, read, compressors, kind, ending):
    data = b"en\n\nto\ntre\n"
    plain, _, _ = read(text_file(data), documents_are=kind)
    compressed, _, _ = read(text_file(compressors[ending](data), f"a.txt{ending}"), documents_are=kind)
    assert [(d.text, d.offset) for d in compressed] == [(d.text, d.offset) for d in plain]


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "empty_file"), (b"\xef\xbb\xbf", "empty"), (b" \n\xc2\xa0\n", "empty")]
)
def test_nothing_in_a_file_is_no_silence(text_file, read, data, reason):
    documents, rejections, _ = read(text_file(data))
    assert documents == []
    assert [r.reason for r in rejections] == [reason]


def test_rejections_are_json_lines():
    assert Rejection("a", 1, "empty", 'd"\n', "ø").to_json_line() == (
        '{"source": "a", "offset": 1, "reason": "empty", "detail": "d\\"\\n", "id": "ø", "size": 0}'
    )
