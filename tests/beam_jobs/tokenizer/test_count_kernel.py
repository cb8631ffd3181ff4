import numpy as np
import pytest

from beam_jobs.tokenizer.byte_words import PADDING, mark_bytes
from beam_jobs.tokenizer.character_classes import character_tables
from beam_jobs.tokenizer.count_kernel import count_chunks, split_chunks
from beam_jobs.tokenizer.word_table import WordTable


def counted_chunks(text: str) -> tuple[WordTable, np.ndarray]:
    data = text.encode()
    padded = np.frombuffer(data + bytes(PADDING), np.uint8)
    kinds = np.empty(len(padded), np.uint8)
    mark_bytes(padded, kinds, len(data))
    table, marks = WordTable(), np.zeros(128, np.int64)
    assert count_chunks(table.arrays, padded, kinds, 0, len(data), marks) == (len(data), 0)
    return table, marks


def contents(table: WordTable) -> dict[str, int]:
    text = table.text(table.slots())[0].tobytes().decode()
    return dict(zip(text.split("\n"), table.counts(table.slots()).tolist(), strict=False))


def test_chunks_lie_between_spaces_and_ascii_punctuation() -> None:
    table, marks = counted_chunks("a-b, «a» a\tb\n-a")
    assert contents(table) == {"a": 3, "b": 2, "«a»": 1}
    assert {chr(i): int(marks[i]) for i in np.flatnonzero(marks)} == {"-": 2, ",": 1}


@pytest.mark.parametrize(
    ("lower_case", "words", "left"),
    [(False, {"«": 2, "Åre": 2, "»": 2, "中": 1, "Σ": 1}, 0), (True, {"«": 2, "are": 2, "»": 2, "中": 1}, 1)],
)
def test_words_of_chunks_and_those_left_to_the_plain_splitter(lower_case: bool, words: dict, left: int) -> None:
    chunks, _ = counted_chunks("«Åre» «Åre» 中 Σ")
    table, unusual = WordTable(), np.empty(9, np.int64)
    result = split_chunks(
        chunks.arrays, tuple(character_tables(lower_case)), table.arrays, 0, 0, unusual, 0, np.empty(99, np.uint8)
    )
    assert (result[2], result[3]) == (left, 0)
    assert contents(table) == words
