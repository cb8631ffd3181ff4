"""How ShardTokenizer reads shards, apart from the exactness of ids, which test_tokenize_exactness.py holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.tokenizer.reference_tokenizer import ReferenceTokenizer
from beam_jobs.tokenizer.tokenize import ShardTokenizer, TokenizedShard
from vocab.vocabulary import SPECIAL_PIECES, Vocabulary

PIECES = [
    *SPECIAL_PIECES,
    *"abcdeghiksz.,[]'Åå漢Σσς",
    "##a",
    "##b",
    "##s",
    "##ab",
    "MASK",
    "hei",
    "##på",
    "deg",
    "A",
    "Α",
]
VOCABULARY = Vocabulary(tuple(PIECES), {piece: i for i, piece in enumerate(PIECES)}, "")
UNKNOWN = VOCABULARY.unk_id


@pytest.fixture(scope="module")
def tokenizer() -> ShardTokenizer:
    return ShardTokenizer(VOCABULARY, lower_case=False)


def shard_of(tokenizer: ShardTokenizer, *blocks: bytes) -> TokenizedShard:
    for block in blocks:
        tokenizer.add(block)
    return tokenizer.finish()


def documents(shard: TokenizedShard) -> list[list[str]]:
    """The pieces of every sentence of every document, in one string each."""
    sentences = [
        " ".join(PIECES[i] for i in shard.ids[a:b])
        for a, b in zip(shard.sentence_starts, shard.sentence_starts[1:], strict=False)
    ]
    return [sentences[a:b] for a, b in zip(shard.document_starts, shard.document_starts[1:], strict=False)]


def test_a_shard_is_flat_arrays(tokenizer: ShardTokenizer) -> None:
    shard = shard_of(tokenizer, b"heiab deg.\na b\n\nhei\n")
    assert documents(shard) == [["hei ##ab deg .", "a b"], ["hei"]]
    assert shard.ids.dtype == np.int32
    assert shard.sentence_starts.dtype == shard.document_starts.dtype == np.int64
    assert shard.sentence_starts.tolist() == [0, 4, 6, 7]
    assert shard.document_starts.tolist() == [0, 2, 3]
    assert (shard.pieces, shard.sentences, shard.documents, shard.unknown) == (7, 3, 2, 0)


@pytest.mark.parametrize("blocks", [[], [b""], [b"\n\n\n"], [b" \t\n", b"\xff\n"], ["\u200b".encode()]])
def test_nothing_gives_no_sentence_and_no_document(tokenizer: ShardTokenizer, blocks: list[bytes]) -> None:
    shard = shard_of(tokenizer, *blocks)
    assert (shard.pieces, shard.sentences, shard.documents) == (0, 0, 0)
    assert shard.sentence_starts.tolist() == shard.document_starts.tolist() == [0]


@pytest.mark.parametrize("blank", ["", " ", "\t \t", "\r", "\u00a0\u3000", "\u2028", "\x1c\x1f", "\x0b\x0c", "\x85"])
def test_white_space_alone_is_a_blank_line(tokenizer: ShardTokenizer, blank: str) -> None:
    shard = shard_of(tokenizer, f"a\n{blank}\nb".encode())
    assert documents(shard) == [["a"], ["b"]]
    assert shard.empty_sentences == 0


@pytest.mark.parametrize("line", ["\u200b", "\0", "\ufeff", "\ufffd", "\x01 \x02"])
def test_a_line_without_pieces_is_left_out_and_ends_no_document(tokenizer: ShardTokenizer, line: str) -> None:
    shard = shard_of(tokenizer, f"a\n{line}\nb".encode())
    assert documents(shard) == [["a", "b"]]
    assert shard.empty_sentences == 1


def test_several_blank_lines_end_one_document(tokenizer: ShardTokenizer) -> None:
    assert documents(shard_of(tokenizer, b"\n\n\na\n\n\n\nb\n\n")) == [["a"], ["b"]]


def test_special_pieces_in_the_text_are_text(tokenizer: ShardTokenizer) -> None:
    shard = shard_of(tokenizer, b"[MASK] [UNK]a[PAD]")
    assert documents(shard) == [["[ MASK ] [ [UNK] ] a [ [UNK] ]"]]
    specials = VOCABULARY.special_ids - {UNKNOWN}
    assert not specials & set(shard.ids.tolist())
    assert shard.unknown == 2


def test_carriage_returns_are_dropped_wherever_they_stand(tokenizer: ShardTokenizer) -> None:
    assert documents(shard_of(tokenizer, b"a\r\n\r\nb\rb\n\xc3\r\xa5")) == [["a"], ["b ##b", "å"]]


def test_invalid_utf8_is_left_out_and_counted(tokenizer: ShardTokenizer) -> None:
    shard = shard_of(tokenizer, b"a\xffb \xe6\xbc\xa2\xe6\xbc\na\xffb\n\xed\xa0\x80")
    assert documents(shard) == [["a ##b 漢", "a ##b"]]
    assert shard.invalid_bytes == 1 + 2 + 1 + 3


def test_invalid_utf8_beside_a_capital_sigma_is_counted_once() -> None:
    # The sigma is final: the stop before it does not hide the letter, and no letter follows.
    shard = shard_of(ShardTokenizer(VOCABULARY, lower_case=True), b"a\xff.\xff\xce\xa3 \xff")
    assert documents(shard) == [["a . ς"]]
    assert shard.invalid_bytes == 3


@pytest.mark.parametrize("letter", ["a", "å", "漢"])
@pytest.mark.parametrize("size", [199, 200, 201, 100_000])
def test_words_longer_than_the_limit_are_unknown(tokenizer: ShardTokenizer, letter: str, size: int) -> None:
    shard = shard_of(tokenizer, f"{letter * size} b".encode())
    expected = [VOCABULARY.ids[letter]] * size if letter == "漢" else [UNKNOWN]
    if letter == "a" and size <= 200:
        expected = [VOCABULARY.ids["a"]] + [VOCABULARY.ids["##a"]] * (size - 1)
    assert shard.ids.tolist() == [*expected, VOCABULARY.ids["b"]]


def test_the_limit_is_a_setting() -> None:
    assert documents(shard_of(ShardTokenizer(VOCABULARY, False, 2), b"ab aab a")) == [["a ##b [UNK] a"]]
    with pytest.raises(ValueError, match="at least 1"):
        ShardTokenizer(VOCABULARY, False, 0)


def test_a_final_sigma_is_known_by_what_follows_in_the_same_token() -> None:
    tokenizer = ShardTokenizer(VOCABULARY, lower_case=True)
    for _ in range(2):  # the second time from the cache
        shard = shard_of(tokenizer, "aΣ aΣ. aΣ.a aΣ'.,".encode())
        assert documents(shard) == [["[UNK] [UNK] . [UNK] . a [UNK] ' . ,"]]
        shard = shard_of(tokenizer, "a.Σ a.Σ. a.Σ.a Σ".encode())
        assert documents(shard) == [["a . ς a . ς . a . σ . a σ"]]


lines = st.lists(
    st.text(st.sampled_from("abhei .,'\n\n漢Σå\u00a0\u200b\x00\x0bx" + "ab" * 5), max_size=30).map(
        lambda text: (text + "\n").encode()
    )
)


@pytest.mark.parametrize("lower_case", [False, True])
@settings(max_examples=200, deadline=None)
@given(blocks=lines)
def test_blocks_may_end_anywhere_a_line_ends(lower_case: bool, blocks: list[bytes]) -> None:
    split, whole = shard_of(SMALL[lower_case], *blocks), shard_of(SMALL[lower_case], b"".join(blocks))
    assert documents(split) == documents(whole)
    assert split.sentence_starts.tolist() == whole.sentence_starts.tolist()
    assert (split.unknown, split.empty_sentences) == (whole.unknown, whole.empty_sentences)


SMALL = {lower: ShardTokenizer(VOCABULARY, lower, cache_mb=0) for lower in (False, True)}
"""With a cache of two entries: every other chunk overwrites another."""


@pytest.mark.parametrize("lower_case", [False, True])
@settings(max_examples=300, deadline=None)
@given(
    text=st.text(st.one_of(st.sampled_from("abheidg .,'ΣÅ漢"), st.characters(codec="utf-8", exclude_characters="\r\n")))
)
def test_the_kernel_agrees_with_the_plain_tokenizer(lower_case: bool, text: str) -> None:
    plain = ReferenceTokenizer(VOCABULARY.ids, UNKNOWN, lower_case)
    assert shard_of(SMALL[lower_case], text.encode()).ids.tolist() == plain.tokenize(text)


def test_a_shard_of_many_stretches_whose_ids_outgrow_their_room_is_in_one_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = b"".join(b"hei deg. a" + b"b" * (i % 40) + b"\n" * (1 + (i % 7 == 0)) for i in range(3000))
    expected = shard_of(ShardTokenizer(VOCABULARY, False), text)
    monkeypatch.setattr("beam_jobs.tokenizer.tokenize._STRETCH", 300)
    monkeypatch.setattr("beam_jobs.tokenizer.tokenize._FIRST_IDS", 500)
    monkeypatch.setattr("beam_jobs.tokenizer.tokenize._MORE_IDS", 100)
    tokenizer = ShardTokenizer(VOCABULARY, False)
    for _ in range(2):
        shard = shard_of(tokenizer, text[: text.index(b"\n", 20_000) + 1], text[text.index(b"\n", 20_000) + 1 :])
        for name in ("ids", "sentence_starts", "document_starts"):
            assert np.array_equal(getattr(shard, name), getattr(expected, name))
        assert shard.documents == 430


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "漢",
        "Σ",
        "Σ.",
        ".",
        " ",
        "\n",
        "\n\n",
        "a\n",
        "\0",
        "\xad",
        "å\u0301",
        "[MASK]",
        "\u1b44\u302e",
        "a" * 24 + " ",
    ],
)
def test_hostile_repetition_ends(text: str) -> None:
    repetitions = 100_000 if "Σ" in text or "\u302e" in text else 300_000
    tokenizer = ShardTokenizer(VOCABULARY, lower_case=True, cache_mb=0.1)
    shard = shard_of(tokenizer, (text * repetitions).encode())
    assert shard.pieces <= len((text * repetitions).encode())
    assert shard.sentences == {"a\n": repetitions, " ": 0, "\n": 0, "\n\n": 0, "\0": 0, "\xad": 0}.get(text, 1)
