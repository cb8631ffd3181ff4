"""Which documents are found, compared with sets of tuples of words."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beam_jobs.held_out import ngram_table as module
from beam_jobs.held_out.find_held_out import Contaminated, find_held_out
from beam_jobs.held_out.ngram_table import NgramTable, ngram_table
from tests.beam_jobs.held_out.oracle import ngrams, windows

WORDS = [f"w{i}" for i in range(40)]
THIRTEEN = " ".join(WORDS[:13])


def find(table: NgramTable, documents: list[str], share: float = 0.0) -> Contaminated:
    encoded = [document.encode() for document in documents]
    ends = np.cumsum([len(document) for document in encoded], dtype=np.int64)
    return find_held_out(table, np.frombuffer(b"".join(encoded), np.uint8), ends, share)


def test_one_shared_ngram_is_enough_and_twelve_shared_words_are_not() -> None:
    table = ngram_table([("dev.jsonl", ["x " + " ".join(WORDS)]), ("test.jsonl", ["y " + " ".join(reversed(WORDS))])])
    documents = [
        "before " + THIRTEEN + " after",
        "before " + " ".join(WORDS[:12]) + " after " + " ".join(WORDS[12:24]),
        "a " * 20 + " ".join(WORDS[13::-1]),
        "",
        "W0, W1 -- w2! (w3) w4? w5; W6: w7\nw8\tw9 W10 w11 w12",
    ]
    found = find(table, documents)
    assert found.documents.tolist() == [0, 2, 4]
    assert [table.files[file] for file in found.files] == ["dev.jsonl", "test.jsonl", "dev.jsonl"]


def test_an_ngram_does_not_reach_over_the_end_of_a_document() -> None:
    table = ngram_table([("a", [THIRTEEN])])
    assert find(table, [" ".join(WORDS[:6]) + " ", " ".join(WORDS[6:13])]).documents.tolist() == []


def test_a_short_text_is_found_as_a_whole() -> None:
    table = ngram_table([("a", [" ".join(WORDS[:9])])])
    documents = [" ".join(WORDS[:9]), "x " + " ".join(WORDS[:9]) + " y", " ".join(WORDS[:8]), " ".join(WORDS[1:9])]
    assert find(table, documents).documents.tolist() == [0, 1]
    assert find(table, documents, 1.0).documents.tolist() == [0, 1]


def test_a_share_of_the_ngrams_may_be_asked_for() -> None:
    table = ngram_table([("a", [" ".join(WORDS[:14])])])
    quoting, copying = THIRTEEN + " x" * 18, " ".join(WORDS[:14]) + " x" * 6
    found = find(table, [quoting, copying], 0.25)
    assert (found.documents.tolist(), found.shared.tolist(), found.ngrams.tolist()) == ([1], [2], [8])
    assert find(table, [quoting, copying]).documents.tolist() == [0, 1]


def test_the_first_shared_words_are_pointed_at() -> None:
    table = ngram_table([("a", [" ".join(WORDS[:20]), " ".join(WORDS[30:38])])])
    documents = ["x", "(W0 " + " ".join(WORDS[1:13]) + ") etter", "å, " + " ".join(WORDS[2:20]), " ".join(WORDS[30:38])]
    data = "".join(documents).encode()
    for share in (0.0, 0.01):
        found = find(table, documents, share)
        passages = [data[begin:end].decode().strip() for begin, end in found.passages]
        expected = ["(W0 " + " ".join(WORDS[1:13]) + ")", " ".join(WORDS[2:15]), " ".join(WORDS[30:38])]
        assert passages == expected


def test_short_texts_do_not_add_up_to_a_share_of_the_long_ngrams() -> None:
    table = ngram_table([("a", [" ".join(WORDS[:9])])])
    three_times = " ".join(WORDS[:9] * 3)  # 15 n-grams of 13 words
    assert find(table, [three_times], 1 / 15).shared.tolist() == [1]
    assert find(table, [three_times], 2 / 15).documents.tolist() == []


def test_an_empty_table_finds_nothing() -> None:
    assert find(ngram_table([("a", [])]), ["a b c", ""]).documents.tolist() == []
    assert find(ngram_table([]), []).documents.tolist() == []


TEXT = st.text(st.sampled_from("ab c. å"), max_size=40)


@given(st.lists(TEXT, max_size=3), st.lists(TEXT, max_size=3), st.integers(1, 5), st.sampled_from([0.0, 0.3, 1.0]))
@example(["a b"], ["b a a b", "a"], 4, 0.0)
@example(["a b a", "a b a b a b"], ["a b a b", "c"], 4, 0.5)
@settings(max_examples=200, deadline=None)
def test_found_as_by_sets(held: list[str], documents: list[str], size: int, share: float) -> None:
    least = module.LEAST_WORDS
    module.LEAST_WORDS = 2
    try:
        table = ngram_table([("a", held)], size)
    finally:
        module.LEAST_WORDS = least
    known = {ngram for text in held for ngram in ngrams(text, size, min(2, size))}
    lengths = {size} | {len(ngram) for ngram in known}
    expected = []
    for number, document in enumerate(documents):
        hits = [ngram for ngram in windows(document, lengths) if ngram in known]
        long = sum(len(ngram) == size for ngram in hits)
        of_all = max(len(windows(document, {size})), 1)
        if hits and max(long, 1) >= share * of_all:
            expected.append(number)
    assert find(table, documents, share).documents.tolist() == expected
