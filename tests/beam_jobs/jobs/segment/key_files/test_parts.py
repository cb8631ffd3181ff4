import io

import google_crc32c
import numpy as np
import pytest

from beam_jobs.errors import UserError
from beam_jobs.jobs.segment.key_files.parts import (
    CheckedStream,
    read_exactly,
    read_offsets,
    read_parts,
    write_section,
)


@pytest.fixture
def file(tmp_path):
    """A file of two sections: parts "a", "", "bcd", and one part "ef"."""
    path = tmp_path / "000000.bin"
    with path.open("wb") as stream:
        checked = CheckedStream(stream)
        write_section(checked, np.array([1, 0, 3]), [b"ab", b"cd"])
        second = checked.written
        write_section(checked, np.array([2]), [b"ef"])
    assert checked.wrote == [path.stat().st_size, google_crc32c.Checksum(path.read_bytes()).hexdigest().decode()]
    return str(path), second


def test_parts_of_sections(file):
    path, second = file
    assert read_parts(path, 0, 0, 3) == [b"a", b"", b"bcd"]
    assert read_parts(path, 0, 2, 3) == [b"bcd"]
    assert read_parts(path, second, 0, 1) == [b"ef"]
    assert np.diff(read_offsets(path, 0, 0, 3)).tolist() == [1, 0, 3]


def test_sizes_must_be_those_of_the_data():
    with pytest.raises(RuntimeError, match="2 bytes were written of parts of 3"):
        write_section(CheckedStream(io.BytesIO()), np.array([3]), [b"ab"])


def test_a_file_that_was_cut_short_is_told_in_one_line(file):
    path, second = file
    assert read_exactly(path, 5, 0) == b""
    with pytest.raises(UserError, match=r"000000\.bin was cut short after it had been written; the same command"):
        read_exactly(path, second, 1000)
