import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.tokenizer.reference_tokenizer import ReferenceTokenizer
from beam_jobs.tokenizer.wordpiece_trie import build_trie, match_word

UNKNOWN = 1_000_000
letters = st.sampled_from("abcå漢\U0001f600")
pieces = st.builds(str.__add__, st.sampled_from(["", "##"]), st.text(letters, max_size=5))


def match(ids: dict[str, int], word: str, longest: int = 50) -> list[int]:
    trie = build_trie(ids)
    code_points = np.zeros(longest, np.int32)
    code_points[: len(word)] = [ord(c) for c in word[:longest]]
    out = np.zeros(len(word) + 2, np.int32)
    at = match_word(*trie, code_points, len(word), UNKNOWN, out, 1)
    return out[1:at].tolist()


@settings(max_examples=500, deadline=None)
@given(vocabulary=st.lists(pieces, unique=True), word=st.text(letters, min_size=1, max_size=12))
def test_the_longest_piece_is_taken_at_every_step(vocabulary: list[str], word: str) -> None:
    ids = {piece: 3 * i for i, piece in enumerate(vocabulary)}
    plain = ReferenceTokenizer(ids, UNKNOWN, lower_case=False)
    assert match(ids, word) == plain._pieces(word)


def test_pieces_that_begin_and_continue_words_are_apart() -> None:
    ids = {"a": 0, "##b": 1, "##a": 2, "ab##": 3}
    assert match(ids, "aba") == [0, 1, 2]
    assert match(ids, "b") == [UNKNOWN]
    assert match(ids, "ab") == [0, 1]


def test_a_dead_end_makes_the_whole_word_unknown() -> None:
    """Greedy: "abc" is taken although only "ab" would leave a spelling."""
    assert match({"ab": 0, "abc": 1, "##cd": 2}, "abcd") == [UNKNOWN]


def test_a_word_that_the_buffer_cannot_hold_is_unknown() -> None:
    ids = {"a": 7, "##a": 8}
    assert match(ids, "aaa", longest=3) == [7, 8, 8]
    assert match(ids, "aaaa", longest=3) == [UNKNOWN]


def test_a_large_vocabulary() -> None:
    words = [f"{'##' if i % 3 else ''}{i:x}{i % 17:b}" for i in range(30_000)]
    ids = {word: i for i, word in enumerate(dict.fromkeys(words))}
    plain = ReferenceTokenizer(ids, UNKNOWN, lower_case=False)
    trie = build_trie(ids)
    out = np.zeros(60, np.int32)
    for i in range(0, 30_000, 37):
        word = f"{i:x}{i % 17:b}{i * 7:x}{i % 5:b}"
        at = match_word(*trie, np.array([ord(c) for c in word], np.int32), len(word), UNKNOWN, out, 0)
        assert out[:at].tolist() == plain._pieces(word)
