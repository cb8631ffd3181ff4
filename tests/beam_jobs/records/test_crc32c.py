import google_crc32c
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.records.crc32c import crc32c, crc32c_by_instruction, crc32c_by_tables, has_instruction, masked_crc32c


@pytest.mark.parametrize(
    "function",
    [
        crc32c_by_tables,
        pytest.param(
            crc32c_by_instruction, marks=pytest.mark.skipif(not has_instruction(), reason="no such instruction here")
        ),
    ],
)
@given(st.binary(max_size=100), st.integers(0, 20))
@settings(max_examples=200, deadline=None)
def test_crc32c(function, data, skipped):
    skipped = min(skipped, len(data))
    assert int(function(np.frombuffer(data, np.uint8), skipped, len(data))) == google_crc32c.value(data[skipped:])


@given(data=st.binary(max_size=100), start=st.integers(0, 9))
def test_the_fastest_and_the_masked_form(data, start):
    array = np.frombuffer(data, np.uint8)
    start = min(start, len(data))
    expected = google_crc32c.value(data[start:])
    assert crc32c(array, start, len(data)) == expected
    masked = ((expected >> 15 | expected << 17) + 0xA282EAD8) & 0xFFFFFFFF
    assert masked_crc32c(array, start, len(data)) == masked
