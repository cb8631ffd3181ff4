import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beam_jobs.tokenizer.piece_counts import PieceCounts, count_pieces
from vocab.coverage import measure_coverage

PIECES = ["[PAD]", "[UNK]", "h", "hus", "##e", "##et", "##t", "b", "##å", "å", "中", "😀", "##😀", "##u", "##s"]
WORDS = st.text(st.sampled_from("husetbå中😀x"), min_size=1, max_size=9)


def counted(counts: dict[str, int]) -> PieceCounts:
    text = np.frombuffer("".join(f"{word}\n" for word in counts).encode(), np.uint8)
    return count_pieces(PIECES, text, np.array([*counts.values()], np.int64))


@settings(deadline=None)
@given(st.dictionaries(WORDS, st.integers(1, 2**40), max_size=20))
@example({"hus": 3, "huset": 2, "bå": 1, "xyz": 4})
@example({"h" + "u" * 199: 2, "h" + "u" * 200: 3, "å" * 201: 1})
@example({})
def test_sums_are_those_of_the_plain_measure(counts: dict[str, int]) -> None:
    found, plain = counted(counts), measure_coverage(PIECES, counts)
    assert found == PieceCounts(plain.words, plain.pieces, plain.unknown)
    assert (found.pieces_per_word, found.unknown_rate) == (plain.pieces_per_word, plain.unknown_rate)
