"""Text that is stored in another encoding than UTF-8: read where it says so itself, else named and not passed."""

import gzip
import json
from pathlib import Path

import pytest

from beam_jobs.__main__ import main

Capture = pytest.CaptureFixture[str]
ENGLISH = "The quick brown fox jumps over dog number {i}. It doesn't care.\n"
NORWEGIAN = "Blåbærsyltetøy nummer {i} på brødskiva. Hva så?\n"
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


def _segment(input: Path, output: Path, *more: str) -> int:
    return main(["segment", "--input", str(input), "--output", str(output), *more])


def _stats(output: Path) -> dict:
    return json.loads((output / "corpus_stats.json").read_text())


def _sentences(output: Path) -> str:
    return "".join(path.read_text() for path in sorted(output.glob("sentences-*.txt")))


def _lines(template: str, count: int = 500) -> str:
    return "".join(template.format(i=i) for i in range(count))


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("kind", ["a.txt", "a.txt.gz", "a.jsonl", "lines.txt"])
def test_a_file_that_says_that_it_is_utf_16_is_converted(
    tmp_path: Path, capsys: Capture, encoding: str, kind: str
) -> None:
    """A team whose colleagues save text on Windows trained on "T h e  q u i c k"."""
    text = _lines(ENGLISH + NORWEGIAN, 8_000 if kind == "lines.txt" else 100)
    if kind == "a.jsonl":
        text = "".join(json.dumps({"text": line}, ensure_ascii=False) + "\r\n" for line in text.splitlines())
    more = ["--documents_are", "lines"] if kind == "lines.txt" else []
    results = []
    for codec, mark in (("utf-8", ""), (encoding, "\ufeff")):
        data = (mark + text).encode(codec)
        folder = tmp_path / codec
        folder.mkdir()
        (folder / kind).write_bytes(gzip.compress(data) if kind.endswith(".gz") else data)
        assert _segment(folder / kind, folder / "out", *more) == 0
        results.append(sorted(_sentences(folder / "out").split("\n")))
    assert results[0] == results[1]
    assert f"note: converted from {encoding[:6].upper()}: {kind}" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("kind", ["files", "lines"])
def test_utf_16_without_a_mark_is_named_and_not_passed(
    tmp_path: Path, capsys: Capture, encoding: str, kind: str
) -> None:
    """A team whose database exported UTF-16 without a byte order mark trained on spaced-out letters."""
    (tmp_path / "a.txt").write_bytes(_lines(ENGLISH).encode(encoding))
    assert _segment(tmp_path / "a.txt", tmp_path / "out", "--documents_are", kind) == 2
    error = capsys.readouterr().err
    names = {
        "utf-16-le": "UTF-16 (little",
        "utf-16-be": "UTF-16 (big",
        "utf-32-le": "UTF-32 (l",
        "utf-32-be": "UTF-32 (b",
    }
    assert names[encoding] in error
    assert "a.txt" in error


def test_text_with_escaped_nuls_is_not_passed(tmp_path: Path, capsys: Capture) -> None:
    """A team whose scraper took UTF-16 pages for Latin-1 has NULs between the letters of valid JSON."""
    good = "".join(json.dumps({"text": line}) + "\n" for line in _lines(ENGLISH, 50).splitlines())
    bad = json.dumps({"text": "\0".join("The quick brown fox.")}) + "\n"
    (tmp_path / "a.jsonl").write_text(good + bad)
    assert _segment(tmp_path / "a.jsonl", tmp_path / "out") == 2
    assert "1 not_text" in capsys.readouterr().err
    assert _segment(tmp_path / "a.jsonl", tmp_path / "out", "--max_rejected", "0.1") == 0
    assert _stats(tmp_path / "out")["documents"] == 50


@pytest.mark.parametrize("kind", ["lines", "files"])
def test_a_file_in_a_code_page_is_named_and_loses_no_letter(tmp_path: Path, capsys: Capture, kind: str) -> None:
    """A team with old English text in windows-1252 lost the apostrophe of every "don't"."""
    text = "".join(f"I don\u2019t know line {i}, nor do I care much about it.\n" for i in range(1000))
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252"))
    assert _segment(tmp_path / "a.txt", tmp_path / "out", "--documents_are", kind) == 2
    error = capsys.readouterr().err
    assert "windows-1252" in error
    assert "convert the input to UTF-8" in error
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_lines_without_a_letter_of_the_code_page_are_kept_on_demand(tmp_path: Path) -> None:
    """A team that cannot convert its text wants at least what reads the same in any encoding."""
    text = "".join(f"I don\u2019t know line {i}.\nI do know line {i}.\n" for i in range(1000))
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252"))
    assert _segment(tmp_path / "a.txt", tmp_path / "out", "--documents_are", "lines", "--max_rejected", "1") == 0
    assert _stats(tmp_path / "out")["rejected"] == {"invalid_utf8": 1000}
    assert "dont" not in _sentences(tmp_path / "out")


def test_a_code_page_that_begins_late_in_the_file_is_not_passed_either(tmp_path: Path, capsys: Capture) -> None:
    """A team joined files of two encodings; the second part lost a letter in every line."""
    text = _lines(NORWEGIAN, 3000).encode() + ("Han sa \u201cja og gikk.\n" * 1000).encode("cp1252")
    (tmp_path / "a.txt").write_bytes(text)
    assert _segment(tmp_path / "a.txt", tmp_path / "out", "--documents_are", "lines") == 2
    error = capsys.readouterr().err
    assert "1,000 of 4,000 documents (25.0%) have a byte that is not UTF-8" in error
    assert "may be windows-1252: a.txt" in error


def test_a_stray_byte_here_and_there_is_repaired_and_told(tmp_path: Path, capsys: Capture) -> None:
    """A team with good text and a few bytes of line noise wants to go on, and to know."""
    text = _lines(NORWEGIAN, 3000).encode() + b"En linje med st\xffy.\n"
    (tmp_path / "a.txt").write_bytes(text)
    assert _segment(tmp_path / "a.txt", tmp_path / "out", "--documents_are", "lines") == 0
    out = capsys.readouterr().out
    assert "repaired and kept, documents by kind: 1 invalid_utf8_bytes_dropped" in out
    assert "bytes dropped that are not UTF-8, but may be ISO-8859-1 or windows-1252: a.txt" in out
    assert "sty" in _sentences(tmp_path / "out")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (gzip.compress(_lines(NORWEGIAN).encode(), mtime=0), "gzip"),
        (b"PK\x03\x04" + bytes(500), "ZIP"),
        (b"%PDF-1.7\n" * 9, "PDF"),
    ],
)
def test_what_is_no_text_is_named(tmp_path: Path, capsys: Capture, data: bytes, name: str) -> None:
    """A team whose downloads have the wrong endings is told what they really are."""
    (tmp_path / "a.txt").write_bytes(data)
    (tmp_path / "b.txt").write_text(_lines(NORWEGIAN, 5))
    assert _segment(tmp_path, tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert "1 not_text" in error
    assert name in error


@pytest.mark.parametrize("settings", [["--documents_are", "lines"], ["--documents_are", "paragraph_blocks"]])
def test_old_macintosh_line_ends_end_lines(tmp_path: Path, settings: list[str]) -> None:
    """A team with text from old Macintoshes got the whole file as one document."""
    text = _lines(NORWEGIAN, 40_000).replace("\n", "\r\r")
    (tmp_path / "a.txt").write_bytes(text.encode())
    assert _segment(tmp_path / "a.txt", tmp_path / "out", *settings) == 0
    assert _stats(tmp_path / "out")["documents"] == 40_000


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_byte_order_marks_inside_joined_files_are_no_text(tmp_path: Path, name: str) -> None:
    """A team that joined files by `cat` has a byte order mark in front of every hundredth line."""
    lines = _lines(NORWEGIAN, 300).splitlines()
    if name == "a.jsonl":
        lines = [json.dumps({"text": line}) for line in lines]
    text = "".join(("\ufeff" if i % 100 == 0 else "") + line + "\n" for i, line in enumerate(lines))
    (tmp_path / name).write_text(text)
    more = ("--documents_are", "lines", "--normalize", "none")
    assert _segment(tmp_path / name, tmp_path / "out", *more) == 0
    assert _stats(tmp_path / "out")["documents"] == 300
    assert "\ufeff" not in _sentences(tmp_path / "out")


@pytest.mark.parametrize(
    ("codec", "name"),
    [("utf-16", "UTF-16"), ("utf-16-be", "UTF-16"), ("cp1252", "windows-1252"), ("latin-1", "ISO-8859-1")],
)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_foreign_sentences_in_another_encoding_are_refused(
    tmp_path: Path, capsys: Capture, vocab_file: Path, codec: str, name: str, ending: str
) -> None:
    """A team that cut its sentences with a tool of its own on Windows trained on text without its letters."""
    quote = "\u201d" if codec == "cp1252" else ""
    data = f"Jeg så en blå bil {quote}.\nDen var pen .\n\n".encode(codec) * 100
    path = tmp_path / f"a.txt{ending}"
    path.write_bytes(gzip.compress(data) if ending else data)
    (tmp_path / "b.txt").write_text("Et hus .\nTo hus .\n\n" * 100)
    arguments = ["instances", "--input", str(tmp_path / "*.txt*"), "--output", str(tmp_path / "out")]
    assert main([*arguments, "--vocab_file", str(vocab_file), "--dupe_factor", "1"]) == 2
    error = capsys.readouterr().err
    assert f"a.txt{ending} is not UTF-8 text" in error
    assert name in error
