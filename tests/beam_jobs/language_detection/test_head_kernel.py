import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.language_detection.head_kernel import CAPITALS, COMBINING, FEW_LETTERS, flag_heads


def flags_of(texts: list[bytes], head: int = 400, least_letters: int = 3) -> list[int]:
    data, ends = np.frombuffer(b"".join(texts), np.uint8), np.cumsum([len(text) for text in texts], dtype=np.int64)
    flags = np.empty(len(texts), np.uint8)
    flag_heads(data, ends, head, least_letters, flags)
    return flags.tolist()


def plain(text: bytes, head: int, least_letters: int) -> int:
    letters = [chr(byte) for byte in text[:head] if byte < 128 and chr(byte).isalpha()]
    flag = CAPITALS if 2 * sum(map(str.isupper, letters)) >= len(letters) else 0
    flag |= COMBINING if {0xCC, 0xCD} & set(text[:head]) else 0
    return flag | (FEW_LETTERS if len(letters) < least_letters else 0)


@given(st.lists(st.one_of(st.binary(max_size=30), st.text("aBåÅ1 \u030a語", max_size=12).map(str.encode)), max_size=6))
@settings(max_examples=100, deadline=None)
def test_flags_are_those_of_plain_python(texts: list[bytes]) -> None:
    assert flags_of(texts, head=9) == [plain(text, 9, 3) for text in texts]


def test_each_flag() -> None:
    assert flags_of([b"small Letters", b"CAPITALS", "a\u030abc".encode(), b"ab"]) == [
        0,
        CAPITALS,
        COMBINING,
        FEW_LETTERS,
    ]
    assert flags_of([b"", "語".encode()]) == [CAPITALS | FEW_LETTERS] * 2


def test_only_the_beginning_counts() -> None:
    assert flags_of([b"abc" + b"X" * 100 + "\u030a".encode()], head=3) == [0]
