import pytest

from beam_jobs.documents.open_text import open_text, with_newlines
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.faults.text_head import HEAD_BYTES
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.storage import DamagedFileError

TEXT = "".join(f"Linje {i} på øya 😀\n" for i in range(20_000))


@pytest.fixture
def opened(tmp_path):
    """What the range [start, end) of a file of these bytes is opened as, its bytes, and the faults."""

    def open_file(data, name="a.txt", start=0, end=-1):
        path = tmp_path / name
        path.write_bytes(data)
        faults = SourceFaults(name, lambda rejection: None)
        piece = InputPiece(str(path), name, name, start, end, (end if end >= 0 else len(data)) - start)
        with open_text(piece, faults) as text:
            return text, text.stream.read(), faults

    return open_file


@pytest.mark.parametrize("ending", ["", ".gz", ".bz2", ".zst"])
def test_utf8_is_read_as_it_is(opened, compressors, ending):
    data = TEXT.encode()
    text, read, faults = opened(compressors[ending](data), f"a.txt{ending}")
    assert (text.start, text.end, text.head, read) == (0, -1, data[:HEAD_BYTES], data)
    assert faults.noted == set()


@pytest.mark.parametrize("start", [1, 100, HEAD_BYTES + 7])
def test_a_range_begins_a_byte_early(opened, start):
    data = TEXT.encode()
    text, read, _ = opened(data, start=start, end=start + 9)
    assert (text.start, text.end, text.head, read) == (start, start + 9, data[:HEAD_BYTES], data[start - 1 :])


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_utf16_is_converted_by_the_first_range(opened, codec):
    data = ("\ufeff" + TEXT).encode(codec)
    text, read, faults = opened(data, start=0, end=1000)
    assert (text.start, text.end) == (0, -1)
    assert read.decode() == "\ufeff" + TEXT
    assert read.startswith(text.head)
    assert faults.noted == {f"converted from {codec[:6].upper()}"}
    assert opened(data, start=1000, end=2000)[1] == b""


def test_a_lone_surrogate_passes_on_and_what_is_no_utf16_is_damage(opened):
    assert opened(b"\xff\xfea\0\x00\xd8b\0")[1] == b"\xef\xbb\xbfa\xed\xa0\x80b"
    with pytest.raises(DamagedFileError, match="not valid utf-16"):
        opened(b"\xff\xfea\0b")


def test_what_is_no_text_is_set_aside_once_and_weighed_whole(opened):
    data = bytes(1000)
    parts = [opened(data, start=start, end=start + 500) for start in (0, 500)]
    assert [part[1] for part in parts] == [b"", b""]
    assert [part[2].rejected for part in parts] == [{"not_text": 1}, {}]
    assert [part[2].rejected_bytes for part in parts] == [{"not_text": 500}] * 2


def test_carriage_returns_become_newlines_only_where_there_are_no_others(tmp_path):
    for data, expected in ((b"a\rb\rc", b"a\nb\nc"), (b"a\rb\nc", b"a\rb\nc"), (b"a\r\nb", b"a\r\nb")):
        path = tmp_path / "a.txt"
        path.write_bytes(data)
        faults = SourceFaults("a.txt", lambda rejection: None)
        with open_text(InputPiece(str(path), "a.txt", "a.txt", 0, -1, len(data)), faults) as text:
            assert with_newlines(text, faults).stream.read() == expected
        assert bool(faults.noted) == (b"\n" not in data)
