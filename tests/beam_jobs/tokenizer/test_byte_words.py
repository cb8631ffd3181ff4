import numba
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.tokenizer.byte_words import PADDING, load_word, mark_bytes, places_of, trailing_zeros


@numba.njit
def word_at(data, index):
    return load_word(data, np.uint64(index))


@numba.njit
def zeros_of(word):
    return trailing_zeros(np.uint64(word))


@numba.njit
def places_in(data, index, byte):
    return places_of(data, index, np.uint8(byte))


def marked(data):
    padded = np.zeros(len(data) + PADDING, np.uint8)
    padded[: len(data)] = np.frombuffer(data, np.uint8)
    kinds = np.full(len(padded), 99, np.uint8)
    mark_bytes(padded, kinds, len(data))
    return kinds.tolist()


def test_every_byte_has_its_kind():
    wanted = [0] * 256
    for byte in b" \t":
        wanted[byte] = 1
    wanted[ord("\n")] = 2
    for byte in b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~":
        wanted[byte] = 4
    assert marked(bytes(range(256))) == wanted + [2] * PADDING


def test_padding_ends_lines():
    assert marked(b"") == [2] * 32
    assert marked(b"a b\n")[:5] == [0, 1, 0, 2, 2]


@given(st.binary(min_size=8, max_size=40), st.data())
def test_eight_bytes_from_anywhere_are_one_little_endian_word(data, draws):
    index = draws.draw(st.integers(0, len(data) - 8))
    array = np.frombuffer(data, np.uint8).copy()
    assert word_at(array, index) == int.from_bytes(data[index : index + 8], "little")


def test_zero_bits_below_the_lowest_one():
    assert [int(zeros_of(np.uint64(word))) for word in (1, 2, 12, 1 << 40, 1 << 63, (1 << 63) | 8)] == [
        0,
        1,
        2,
        40,
        63,
        3,
    ]


@given(st.lists(st.sampled_from([0, 4, 32, 255]), min_size=32, max_size=80), st.data())
def test_places_of_a_byte_among_32_from_anywhere(values, draws):
    index = draws.draw(st.integers(0, len(values) - 32))
    byte = draws.draw(st.sampled_from([0, 4, 32, 255]))
    wanted = sum(1 << i for i, value in enumerate(values[index : index + 32]) if value == byte)
    assert places_in(np.array(values, np.uint8), index, byte) == wanted
