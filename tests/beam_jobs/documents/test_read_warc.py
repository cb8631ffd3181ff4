import gzip

import pytest


def record(kind, body, content_type="text/plain", id="r1", more=""):
    headers = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{id}>\r\n{more}"
    headers += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return headers.encode() + body + b"\r\n\r\n"


def response(body, content_type="text/plain; charset=utf-8", status="200 OK", more="", id="r1"):
    http = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{more}\r\n".encode() + body
    return record("response", http, "application/http; msgtype=response", id)


@pytest.fixture
def warc(write_file):
    return lambda data, name="a.warc": write_file(data, name)


def texts(result):
    documents, rejections, _ = result
    assert rejections == []
    return [document.text for document in documents]


def test_conversion_records_are_documents(warc, read):
    info = record("warcinfo", b"software: x", "application/warc-fields")
    data = info + record("conversion", "Øl.\n".encode(), id="one") + record("conversion", b"To.", id="two")
    path = warc(data, "a.warc.wet")
    documents, rejections, faults = read(path, language="nb")
    assert rejections == []
    assert [(d.id, d.text, d.language) for d in documents] == [("one", "Øl.\n", "nb"), ("two", "To.", "nb")]
    assert documents[0].offset == len(info)
    assert data[documents[1].offset :].startswith(b"WARC/1.0\r\nWARC-Type: conversion")
    assert faults.bytes_read == path.stat().st_size


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_members_of_their_own(warc, read, compressors, ending):
    records = [record("conversion", f"Nr. {i}.".encode(), id=str(i)) for i in range(5)]
    path = warc(b"".join(map(compressors[ending], records)), f"a.warc{ending}")
    assert texts(read(path)) == [f"Nr. {i}." for i in range(5)]


@pytest.mark.parametrize(
    "data",
    [
        response("blåbær".encode()),
        response("blåbær".encode("latin-1"), "text/plain; charset=ISO-8859-1"),
        response("blåbær".encode("latin-1"), 'text/plain; charset="cp1252"'),
        response("blåbær".encode(), "text/plain; charset=unheard-of"),
        response(b"4\r\nbl\xc3\xa5\r\n4\r\nb\xc3\xa6r\r\n0\r\n\r\n", more="Transfer-Encoding: chunked\r\n"),
        record("resource", "blåbær".encode()),
    ],
    ids=["utf-8", "latin-1", "cp1252", "unknown", "chunked", "resource"],
)
def test_plain_text_of_the_web(warc, read, data):
    assert texts(read(warc(data))) == ["blåbær"]


def test_html_is_set_aside_and_what_is_no_text_is_noted(warc, read):
    page = response(b"<p>", "text/html; charset=utf-8", id="page")
    image = response(b"\x89PNG", "image/png")
    missing = response(b"not found", status="404 Not Found")
    packed = response(b"\x1f\x8b", more="Content-Encoding: gzip\r\n")
    documents, rejections, faults = read(warc(page + image + missing + packed + record("request", b"GET /")))
    assert documents == []
    assert [(r.reason, r.id, r.size) for r in rejections] == [("html", "page", len(page) - 4)]
    assert "WET" in rejections[0].detail
    assert len(faults.noted) == 1


@pytest.mark.parametrize(
    "broken", [b"no record\n", b"WARC/1.0\r\nWARC-Type: conversion\r\n\r\n", record("conversion", b"cut here")[:-9]]
)
def test_a_broken_archive_keeps_what_stands_before(warc, read, broken):
    documents, rejections, _ = read(warc(record("conversion", b"Bra.") + broken))
    assert [d.text for d in documents] == ["Bra."]
    assert [r.reason for r in rejections] == ["damaged_file"]
    assert [r.reason for r in read(warc(gzip.compress(broken), "b.warc.gz"))[1]] == ["damaged_file"]


def test_a_giant_is_not_held(warc, read, monkeypatch):
    monkeypatch.setattr("beam_jobs.documents.read_warc.MAX_DOCUMENT_BYTES", 100)
    documents, rejections, _ = read(warc(record("conversion", b"x" * 101, id="giant") + record("conversion", b"To.")))
    assert [d.text for d in documents] == ["To."]
    assert [(r.reason, r.id) for r in rejections] == [("too_large", "giant")]
