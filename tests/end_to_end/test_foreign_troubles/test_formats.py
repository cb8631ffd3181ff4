"""Formats in which others publish text, read as they are."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from beam_jobs.__main__ import main

Capture = pytest.CaptureFixture[str]


def test_the_files_of_wikiextractor_are_read(tmp_path: Path, capsys: Capture) -> None:
    """Everybody who starts from a Wikipedia dump has folders of wiki_00 to wiki_99 without an ending."""
    for folder in ("AA", "AB"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        for number in range(3):
            text = "".join(
                f'<doc id="{folder}{number}{i}" url="https://x" title="T{i}">\nT{i}\n\nDet er &lt;{i}&gt;.\n\n</doc>\n'
                for i in range(50)
            )
            (tmp_path / "in" / folder / f"wiki_{number:02}").write_text(text)
    assert main(["segment", "--input", str(tmp_path / "in"), "--output", str(tmp_path / "out")]) == 0
    stats = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert (stats["documents"], stats["num_rejected"]) == (300, 0)
    text = "".join(path.read_text() for path in (tmp_path / "out").glob("sentences-*.txt"))
    assert "<doc" not in text
    assert text.count("T7\nDet er <7>.\n\n") == 6


def _warc_record(kind: str, number: int, body: bytes, content_type: str) -> bytes:
    headers = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number:04}>\r\n"
    return f"{headers}Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body + b"\r\n\r\n"


def test_the_text_of_web_archives_is_read_and_html_is_named(tmp_path: Path, capsys: Capture) -> None:
    """Everybody who starts from Common Crawl has WET files of text, or WARC files of pages in HTML."""
    (tmp_path / "in").mkdir()
    records = [_warc_record("warcinfo", 0, b"isPartOf: CC-MAIN", "application/warc-fields")]
    records += [_warc_record("conversion", i, f"Øl nummer {i}.\n".encode(), "text/plain") for i in range(1, 51)]
    (tmp_path / "in" / "CC.warc.wet.gz").write_bytes(b"".join(gzip.compress(record) for record in records))
    arguments = ["segment", "--input", str(tmp_path / "in"), "--output"]
    assert main([*arguments, str(tmp_path / "out")]) == 0
    stats = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert (stats["documents"], stats["num_rejected"]) == (50, 0)
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><p>Text</p></html>"
    pages = [_warc_record("response", i, page, "application/http; msgtype=response") for i in range(9)]
    (tmp_path / "in" / "pages.warc.gz").write_bytes(b"".join(map(gzip.compress, pages)))
    assert main([*arguments, str(tmp_path / "out2")]) == 2
    error = capsys.readouterr().err
    assert "9 html" in error
    assert "WET files" in error


def test_the_files_in_an_archive_are_read(tmp_path: Path) -> None:
    """Everybody who downloads a corpus of small files gets them in an archive, its held-out part in a folder."""
    with tarfile.open(tmp_path / "corpus.tar.gz", "w:gz") as archive:
        for i in range(60):
            data = f"Tekst nummer {i}. Den er kort.".encode()
            info = tarfile.TarInfo(f"corpus/{'dev' if i < 5 else 'train'}/{i}.txt")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    assert main(["segment", "--input", str(tmp_path / "corpus.tar.gz"), "--output", str(tmp_path / "out")]) == 0
    counts = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())["counts"]
    assert {split: count["num_documents"] for split, count in counts.items()} == {"dev": 5, "train": 55}
