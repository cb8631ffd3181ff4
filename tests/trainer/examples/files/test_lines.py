import bz2
import gzip

import pytest

from beam_jobs.errors import UserError
from trainer.examples.files.lines import ending_of, read_decompressed, read_lines, unknown_ending


def test_only_newlines_end_a_line(write):
    assert read_lines(write("a.txt", "a\u2028b\x85c\x0cd\r\ne\n\n")).lines == ["a\u2028b\x85c\x0cd", "e", ""]


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_compressed_files_are_read_by_their_ending(write, ending, pack):
    assert read_lines(write(f"a.tsv{ending}", pack("å\nb\n".encode()))).lines == ["å", "b"]
    assert ending_of(f"gs://x.y/Dev.TSV{ending}") == ".tsv"
    assert ending_of(f"gs://x.y/dev{ending}") == ""


def test_zstandard_is_read(write):
    zstandard = pytest.importorskip("zstandard")
    assert read_lines(write("a.tsv.zst", zstandard.compress(b"a\n"))).lines == ["a"]


def test_a_byte_order_mark_is_dropped_and_told(write):
    path = write("a.tsv", "\ufeffa\nb\n\ufeffc\n")
    opened = read_lines(path)
    assert opened.lines == ["a", "b", "c"]
    assert opened.remarks == (f"{path}: dropped a byte order mark at the start of line 1, 3",)


def test_a_wrong_ending_is_told(write):
    path = write("a.tsv.gz", "plain\n")
    assert read_lines(path).lines == ["plain"]
    assert read_decompressed(path)[1] == (f"{path}: holds plain data, whatever its name says; it was read as such",)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xfea\x00", "is UTF-16"),
        (gzip.compress(b"a\n", mtime=0), r"is compressed by gzip; let its name end in \.gz"),
        (b"a\nb\xe5\n", "is not valid UTF-8"),
    ],
)
def test_what_is_no_utf8_text_is_refused(write, content, why):
    path = write("a.tsv", content)
    with pytest.raises(UserError, match=why) as raised:
        read_lines(path)
    assert str(raised.value).startswith(path)
    assert "\n" not in str(raised.value)


def test_missing_and_damaged_files_are_refused(write, tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_lines(str(tmp_path / "no.tsv"))
    with pytest.raises(UserError, match="cannot be read"):
        read_lines(str(tmp_path))
    with pytest.raises(UserError, match="is damaged"):
        read_lines(write("a.tsv.gz", gzip.compress(b"a\n" * 999)[:-9]))


def test_an_unknown_ending_names_the_known_ones():
    error = str(unknown_ending("a.xls", (".tsv", ".csv")))
    assert error == (
        "a.xls: its ending tells no format; name a file that ends in .tsv or .csv, with .gz, .bz2 or .zst behind it if it is "
        "compressed"
    )
