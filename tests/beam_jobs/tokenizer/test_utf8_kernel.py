"""Characters and invalid bytes are those of Python's decoder, byte for byte."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.tokenizer.utf8_kernel import decode_character

LEADS = bytes([0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF])


def characters(data: bytes) -> tuple[str, int]:
    """The text without invalid bytes, and the number of maximal invalid parts."""
    array, position, text, invalid = np.frombuffer(data, np.uint8), 0, "", 0
    while position < len(data):
        code_point, size = decode_character.py_func(array, position, len(data))
        assert size >= 1
        if code_point < 0:
            invalid += 1
        else:
            text += chr(code_point)
        position += size
    return text, invalid


@given(
    st.one_of(st.binary(max_size=12), st.text(max_size=8).map(str.encode), st.lists(st.sampled_from(LEADS)).map(bytes))
)
def test_the_same_characters_and_the_same_invalid_parts(data: bytes) -> None:
    text, invalid = characters(data)
    assert text == data.decode("utf-8", "ignore")
    assert text.count("\ufffd") + invalid == data.decode("utf-8", "replace").count("\ufffd")


def test_the_first_and_last_character_of_each_length() -> None:
    for character in "\x00\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff":
        assert characters(character.encode()) == (character, 0)
