"""The kernel by itself: where it stands after a call, and that the cache never changes an answer."""

import numpy as np
import pytest

from beam_jobs.tokenizer import tokenize_kernel as kernel
from beam_jobs.tokenizer.byte_words import PADDING, mark_bytes
from beam_jobs.tokenizer.character_classes import character_tables
from beam_jobs.tokenizer.chunk_cache import MAX_IDS, new_cache
from beam_jobs.tokenizer.wordpiece_trie import build_trie

PIECES = ["[UNK]", "a", "b", "##b", "ab", ".", "å", "漢"]
IDS = {piece: i for i, piece in enumerate(PIECES)}


def tables(lower_case=False, longest=200):
    punctuation = np.zeros(128, np.int32)
    punctuation[ord(".")] = IDS["."]
    cache = new_cache(0.01)
    return kernel.KernelTables(
        punctuation,
        *character_tables(lower_case),
        *build_trie(IDS),
        cache,
        cache.view(np.int32),
        np.empty(longest, np.int32),
        IDS["[UNK]"],
    )


def run(data, these=None):
    """(pieces, sentence ends, document ends, the kernel's state) of lines."""
    text, kinds = np.zeros((2, len(data) + PADDING), np.uint8)
    text[: len(data)] = np.frombuffer(data, np.uint8)
    mark_bytes(text, kinds, len(data))
    state, out = np.zeros(kernel.STATE_SIZE, np.int64), np.zeros(len(data) + MAX_IDS, np.int32)
    sentences, documents = np.zeros(len(data) + 1, np.int64), np.zeros(len(data) + 1, np.int64)
    kernel.tokenize_lines(these or tables(), text, kinds, len(data), state, out, sentences, documents)
    at, ends = state[kernel.AT], state[kernel.SENTENCES]
    pieces = " ".join(PIECES[i] for i in out[:at])
    return pieces, sentences[:ends].tolist(), documents[: state[kernel.DOCUMENTS]].tolist(), state


def test_lines_are_sentences_and_blank_lines_end_documents():
    pieces, sentences, documents, state = run(b"ab a.\nb\n\nabb\n")
    assert pieces == "ab a . b ab ##b"
    assert (sentences, documents) == ([3, 4, 6], [2])
    assert (state[kernel.POSITION], state[kernel.WAITING], state[kernel.DOCUMENT_SENTENCES]) == (13, 0, 2)


@pytest.mark.parametrize(
    ("data", "pieces"),
    [
        ("漢a漢\n", "漢 a 漢"),
        ("abc\n", "[UNK]"),
        ("a\u00a0b\n", "a b"),
        ("a\u00adb\n", "ab"),  # a soft hyphen is removed
        ("å b..\n", "å b . ."),
    ],
)
def test_words(data, pieces):
    assert run(data.encode())[0] == pieces


def test_bytes_that_are_not_utf8_are_left_out_and_counted():
    for invalid, count in (
        (b"\xff", 1),
        (b"\xe5\x80", 2),
        (b"\xed\xa0\x80", 3),
        (b"\xc0\x80", 2),
        (b"\xf0\x9f\x98", 3),
    ):
        pieces, _, _, state = run(b"a" + invalid + b"b\n")
        assert (pieces, state[kernel.INVALID_BYTES]) == ("ab", count)


def test_a_line_without_pieces_is_counted_and_ends_no_document():
    _, sentences, documents, state = run("a\n\u200b\nb\n \n".encode())
    assert (sentences, documents, state[kernel.EMPTY_LINES]) == ([1, 2], [2], 1)


def test_a_word_that_is_too_long_is_unknown():
    assert run(b"abb\n", tables(longest=2))[0] == "[UNK]"
    assert run(b"abb\n", tables(longest=3))[0] == "ab ##b"


def test_what_was_seen_before_has_the_same_pieces():
    these = tables()
    lines = b"ab abb a.b " + b"abbbbbbbbbbbbbbbbbbbbbbbbb " * 2 + b"ab\n"
    first = run(lines, these)[:3]
    assert run(lines, these)[:3] == first == run(lines)[:3]


def test_a_character_whose_lower_case_hangs_on_its_neighbours_waits_for_plain_python():
    _, _, _, state = run("a ΟΣ.\n".encode(), tables(lower_case=True))
    assert state[kernel.WAITING] == 1
    assert (state[kernel.TOKEN_START], state[kernel.POSITION], state[kernel.AT]) == (2, 7, 1)
