import io

import pytest

from beam_jobs.documents import lines as module
from beam_jobs.documents.lines import first_line, read_lines, too_large
from beam_jobs.documents.open_text import TextRange
from beam_jobs.faults.source_faults import SourceFaults

TEXT = b"one\ntwo two\n\nthree"


def text_range(start, end, data=TEXT):
    """As `open_text` opens it: the stream stands before the byte that decides whether a line begins at `start`."""
    stream = io.BytesIO(data)
    stream.seek(max(0, start - 1))
    return TextRange(stream, start, end, data)


def lines_of(start, end, data=TEXT):
    rejections = []
    faults = SourceFaults("a.txt", rejections.append)
    return list(read_lines(text_range(start, end, data), faults)), faults, rejections


def test_lines_come_with_their_offsets_and_newlines():
    lines, faults, _ = lines_of(0, -1)
    assert lines == [(0, b"one\n"), (4, b"two two\n"), (12, b"\n"), (13, b"three")]
    assert faults.bytes_read == len(TEXT)


@pytest.mark.parametrize(
    ("start", "first"),
    [(0, 0), (1, 4), (3, 4), (4, 4), (5, 12), (12, 12), (13, 13), (14, None), (18, None)],
)
def test_a_range_begins_with_the_first_line_that_begins_in_it(start, first):
    assert first_line(text_range(start, -1)) == first
    assert [offset for offset, _ in lines_of(start, -1)[0]][:1] == ([] if first is None else [first])


def test_a_range_without_the_beginning_of_a_line_has_none():
    assert first_line(text_range(5, 12)) is None
    assert first_line(text_range(5, 13)) == 12


def test_only_what_begins_inside_counts_as_read_and_lines_go_on_behind_it():
    lines, faults, _ = lines_of(0, 5)
    assert [offset for offset, _ in lines] == [0, 4, 12, 13]
    assert faults.bytes_read == 12


def test_a_byte_order_mark_at_the_beginning_of_any_line_is_dropped():
    lines, faults, _ = lines_of(0, -1, b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n")
    assert lines == [(0, b"a\n"), (5, b"b\n")]
    assert faults.bytes_read == 10


def test_a_giant_is_set_aside_and_comes_as_an_empty_line(monkeypatch):
    monkeypatch.setattr(module, "MAX_DOCUMENT_BYTES", 8)
    monkeypatch.setattr(module, "_SKIP_BYTES", 3)
    lines, faults, rejections = lines_of(0, -1, b"a\n" + b"x" * 20 + b"\n" + b"1234567\nb\n")
    assert lines == [(0, b"a\n"), (2, b"\n"), (23, b"1234567\n"), (31, b"b\n")]
    assert [(r.offset, r.size, r.reason) for r in rejections] == [(2, 21, "too_large")]
    assert faults.bytes_read == 33
    _, _, behind = lines_of(0, 2, b"a\n" + b"x" * 20 + b"\n")
    assert behind == [], "the range that it begins in tells of it"


def test_the_remedy_of_a_giant():
    assert too_large(9) == (
        "9 bytes, more than 256 MiB in one document; for .txt, is --documents_are=lines or paragraph_blocks meant?"
    )
