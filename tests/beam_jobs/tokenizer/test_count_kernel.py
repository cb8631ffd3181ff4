import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beam_jobs.tokenizer.byte_words import PADDING, mark_bytes
from beam_jobs.tokenizer.character_classes import character_tables
from beam_jobs.tokenizer.count_kernel import count_chunks, split_chunks
from beam_jobs.tokenizer.word_table import WordTable


def counted_chunks(text: str) -> tuple[WordTable, np.ndarray, int]:
    """The chunks, the punctuation, and how often the table had to grow."""
    data = text.encode()
    padded = np.frombuffer(data + bytes(PADDING), np.uint8)
    kinds = np.empty(len(padded), np.uint8)
    mark_bytes(padded, kinds, len(data))
    table, marks = WordTable(), np.zeros(128, np.int64)
    position = grown = 0
    while True:
        position, waiting = count_chunks(table.arrays, padded, kinds, position, len(data), marks)
        if not waiting:
            assert position == len(data)
            return table, marks, grown
        table.grow(waiting)
        grown += 1


def contents(table: WordTable) -> dict[str, int]:
    text = table.text(table.slots())[0].tobytes().decode()
    return dict(zip(text.split("\n"), table.counts(table.slots()).tolist(), strict=False))


def test_chunks_lie_between_spaces_and_ascii_punctuation() -> None:
    table, marks, _ = counted_chunks("a-b, «a» a\tb\n-a")
    assert contents(table) == {"a": 3, "b": 2, "«a»": 1}
    assert {chr(i): int(marks[i]) for i in np.flatnonzero(marks)} == {"-": 2, ",": 1}


def assert_counted_plainly(text: str) -> int:
    table, marks, grown = counted_chunks(text)
    assert contents(table) == Counter(re.findall(r"[^\t\n !-/:-@[-`{-~]+", text))
    assert {chr(i): int(marks[i]) for i in np.flatnonzero(marks)} == Counter(re.findall(r"[!-/:-@[-`{-~]", text))
    return grown


@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["", " ", "-", ".\n", "  "])), max_size=200))
@example([(1, " ")] * 3000)
@example([(1, "-")] * 3000)
@example([(1023, "."), (1, "."), (1022, " "), (2, " "), (1, ""), (3000, "-"), (15, ""), (17, "")])
@example([(1024, ""), (0, " "), (1024, "-")])
def test_chunks_of_every_length_and_place_are_counted_once(parts: list) -> None:
    assert_counted_plainly("".join("abå"[length % 3] * length + mark for length, mark in parts))


def test_a_table_that_grows_in_mid_text_counts_nothing_twice() -> None:
    words = [f"{i}x" if i % 7 else f"{i}" + "lang" * 9 for i in range(20_000)]
    assert assert_counted_plainly("; ".join(words) + ".") >= 3


@pytest.mark.parametrize(
    ("lower_case", "words", "left"),
    [(False, {"«": 2, "Åre": 2, "»": 2, "中": 1, "Σ": 1}, 0), (True, {"«": 2, "are": 2, "»": 2, "中": 1}, 1)],
)
def test_words_of_chunks_and_those_left_to_the_plain_splitter(lower_case: bool, words: dict, left: int) -> None:
    chunks, _, _ = counted_chunks("«Åre» «Åre» 中 Σ")
    table, unusual = WordTable(), np.empty(9, np.int64)
    result = split_chunks(
        chunks.arrays, tuple(character_tables(lower_case)), table.arrays, 0, 0, unusual, 0, np.empty(99, np.uint8)
    )
    assert (result[2], result[3]) == (left, 0)
    assert contents(table) == words
