import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.text.word_counts import pack_counts, unpack_counts, word_list

COUNTS = st.dictionaries(st.text(st.characters(exclude_categories=["Z", "Cc"]), min_size=1), st.integers(1, 2**62))


@given(COUNTS)
def test_packed_counts_come_back(counts):
    text = "".join(f"{word}\n" for word in counts).encode("utf-8", "surrogatepass")
    numbers, words = unpack_counts(pack_counts(np.array([*counts.values()], np.int64), text))
    assert numbers.tolist() == [*counts.values()]
    assert words == text
    assert [word.decode("utf-8", "surrogatepass") for word in word_list(words)] == [*counts]


def test_counts_that_were_packed_by_zlib_can_be_read():
    packed = pack_counts(np.array([3, 2**40], np.int64), b"hus\nby\n")
    numbers, words = unpack_counts(zlib.compress(zlib.decompress(packed), 1))
    assert (numbers.tolist(), words) == ([3, 2**40], b"hus\nby\n")
