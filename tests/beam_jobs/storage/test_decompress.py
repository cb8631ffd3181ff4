import io
import random
import tracemalloc

import pytest

from beam_jobs.storage.decompress import DamagedFileError, compression_ending, misnamed, open_decompressed
from beam_jobs.storage.files import open_input

COMPRESSED = [".gz", ".bz2", ".zst"]
DATA = random.Random(5).randbytes(1_500_000)


def damaged(path):
    """What a damaged file yields, and the error."""
    got = b""
    with open_input(str(path)) as stream, pytest.raises(DamagedFileError) as caught:  # noqa: PT012
        while part := stream.read1(50_000):
            got += part
    return got, caught.value


@pytest.mark.parametrize("ending", ["", *COMPRESSED])
def test_reads_what_was_written(tmp_path, compressors, ending):
    path = tmp_path / f"text{ending}"
    path.write_bytes(compressors[ending](DATA))
    with open_input(str(path)) as stream:
        assert stream.read() == DATA


@pytest.mark.parametrize("ending", COMPRESSED)
def test_several_members_are_one_file(tmp_path, compressors, ending):
    path = tmp_path / f"text{ending}"
    path.write_bytes(b"".join(compressors[ending](part) for part in (b"one\n", b"", DATA, b"two\n")))
    with open_input(str(path)) as stream:
        assert stream.read() == b"one\n" + DATA + b"two\n"


@pytest.mark.parametrize("cut", [1, 5, 300_000])
@pytest.mark.parametrize("ending", COMPRESSED)
def test_truncated_file_is_an_error_after_what_is_good(tmp_path, compressors, ending, cut):
    path = tmp_path / f"text{ending}"
    path.write_bytes(compressors[ending](DATA)[:-cut])
    got, error = damaged(path)
    assert DATA.startswith(got)
    assert path.name in str(error)
    assert len(got) > 100_000


@pytest.mark.parametrize("ending", COMPRESSED)
def test_corrupt_file_is_an_error(tmp_path, compressors, ending):
    data = bytearray(compressors[ending](DATA))
    data[len(data) // 2] ^= 0xFF
    path = tmp_path / f"text{ending}"
    path.write_bytes(data)
    got, _ = damaged(path)
    assert len(got) <= len(DATA)


@pytest.mark.parametrize("ending", COMPRESSED)
def test_rubbish_is_an_error(tmp_path, ending):
    path = tmp_path / f"text{ending}"
    path.write_bytes(b"\0\1this is no compressed file, nor is it text")
    got, error = damaged(path)
    assert got == b""
    assert error.stored_read == path.stat().st_size


@pytest.mark.parametrize("ending", COMPRESSED)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "utf-32"])
def test_text_that_is_not_compressed_is_read_as_it_is(tmp_path, ending, encoding):
    path = tmp_path / f"text{ending}"
    path.write_bytes("Blåbær på øya.\n".encode(encoding) * 100_000)
    with open_input(str(path)) as stream:
        assert stream.read() == path.read_bytes()
        assert misnamed(stream) == "plain data"


@pytest.mark.parametrize("ending", COMPRESSED)
@pytest.mark.parametrize("really", COMPRESSED)
def test_the_first_bytes_decide_and_not_the_ending(tmp_path, compressors, ending, really):
    path = tmp_path / f"text{ending}"
    path.write_bytes(compressors[really](DATA))
    with open_input(str(path)) as stream:
        assert stream.read() == DATA
        assert misnamed(stream) == ("" if really == ending else f"{really[1:]} data")


def test_a_zstandard_file_that_begins_with_a_skippable_frame_is_not_text(tmp_path, compressors):
    path = tmp_path / "text.zst"
    path.write_bytes(b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"note" + compressors[".zst"](DATA))
    with open_input(str(path)) as stream:
        assert stream.read() == DATA
        assert misnamed(stream) == ""


def test_zeros_after_gzip_are_padding_and_other_bytes_are_not(tmp_path, compressors):
    path = tmp_path / "text.gz"
    path.write_bytes(compressors[".gz"](b"text") + bytes(1000))
    with open_input(str(path)) as stream:
        assert stream.read() == b"text"
    path.write_bytes(compressors[".gz"](b"text") + b"rest of something")
    assert damaged(path)[0] == b"text"


@pytest.mark.parametrize("ending", COMPRESSED)
def test_a_failing_disk_is_not_a_damaged_file(compressors, ending):
    class FailingDisk(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > 100_000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    stream = open_decompressed(FailingDisk(compressors[ending](DATA)), f"text{ending}")
    with pytest.raises(OSError, match="Input/output error"):
        stream.read()


@pytest.mark.parametrize("ending", COMPRESSED)
def test_memory_is_bounded_by_the_buffer(tmp_path, compressors, ending):
    path = tmp_path / f"text{ending}"
    path.write_bytes(compressors[ending](bytes(64 << 20)))
    tracemalloc.start()
    with open_input(str(path)) as stream:
        size = 0
        while part := stream.read(1 << 16):
            size += len(part)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 64 << 20
    assert peak < 8 << 20


def test_ending():
    assert [compression_ending(name) for name in ("a.txt.GZ", "a.gz.txt", "a.zst")] == [".gz", "", ".zst"]
