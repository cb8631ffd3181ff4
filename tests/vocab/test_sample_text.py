"""A sample of text from plain files and JSON lines."""

import gzip

import pytest

from beam_jobs.errors import UserError
from vocab.sample_text import read_sample


def read(path, field="text"):
    return list(read_sample(str(path), field))


@pytest.mark.parametrize(
    ("name", "data", "lines"),
    [
        ("a.txt", "en\nblå\n".encode(), ["en\n", "blå\n"]),
        ("a.txt", b"bl\xe5\n", ["bl\n"]),
        ("a.jsonl", b'{"text": "en"}\n\n{"text": "to"}', ["en", "\n", "to"]),
        ("A.JSONL", b'{"text": "en"}\n', ["en"]),
        ("a.txt", b'{"text": "en"}\n', ['{"text": "en"}\n']),
    ],
)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_lines_of_text(tmp_path, name, data, lines, ending):
    path = tmp_path / f"{name}{ending}"
    path.write_bytes(gzip.compress(data) if ending else data)
    assert read(path) == lines


def test_the_field_may_be_named(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"body": "en", "text": "to"}\n')
    assert read(tmp_path / "a.jsonl", "body") == ["en"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"a\0b", r"a\.txt: holds binary data, not text"),
        (
            "a.jsonl",
            b'{"text": "en"}\n{"text": 5}\n',
            r"a\.jsonl: line 2 is no JSON object with a text 'text'; name the",
        ),
        ("a.jsonl", b"[]\n", "line 1 is no JSON object"),
        ("a.jsonl", b"{\n", "line 1 is no JSON object"),
        ("a.txt.gz", gzip.compress(b"en\n" * 100, mtime=0)[:-9], "the compressed file is truncated or corrupt"),
        ("a.txt.gz", b"plain", "cannot read it"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=message) as error:
        read(tmp_path / name)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match=r"x\.txt: cannot read it: No such file"):
        read(tmp_path / "x.txt")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("no.txt", None, "cannot read it: No such file"),
        ("a.jsonl", b'{"text": "a"}\n{"text": 3}\n', "line 2 is no JSON object with a text 'text'"),
        ("a.jsonl", b"[]\n", "line 1 is no JSON object"),
        ("a.txt.gz", gzip.compress(b"hus " * 1000, mtime=0)[:-9], "the compressed file is truncated or corrupt"),
        ("b.txt.gz", b"plain", "cannot read it"),
        ("b.parquet", b"PAR1\0\0", "holds binary data, not text; name .txt or .jsonl, plain or .gz"),
        ("b.txt.GZ", gzip.compress(b"PAR1\0\0", mtime=0), "holds binary data"),
    ],
)
def test_bad_samples_are_one_line(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        list(read_sample(str(tmp_path / name), "text"))
