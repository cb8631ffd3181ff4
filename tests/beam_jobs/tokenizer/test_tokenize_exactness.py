"""Our ids against those of TF Model Garden's tokenizer, the fork of google-research/bert's, on text made to be nasty."""

import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

garden = pytest.importorskip("official.nlp.tools.tokenization")

from beam_jobs.tokenizer.tokenize import ShardTokenizer  # noqa: E402
from vocab.vocabulary import SPECIAL_PIECES, Vocabulary  # noqa: E402

LONGEST_WORD = 12  # max_input_chars_per_word in these tests, so that long words are frequent
NASTY = (
    "abcABCzæøåÆØÅéÉüñçßẞİıĳǅſΣσςΑΩάЖжйЙאبकிไท한글가ひカ漢字豈㐀𠀀丽＀"
    " \t\r\v\f\0\x01\x1b\x1c\x1d\x1e\x1f\x7f\x80\x85\xa0\xad\u1680\u180e\u2000\u2003\u200b\u200c\u200d\u2028\u2029\u202f\u205f"
    "\u2060\u3000\ufeff\ufffc\ufffd\ue000\uf8ff\U000f0000\U0010ffff\ufdd0\u0378\u0301\u0308\u0327\u0345\u05bf\u302e\u1b44\u0b4d"
    "!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»“”„–—…¿¡·՚。、「」！≠≮\u1fef\u037e\u2126\u212a\u212bﬁ①½²€£§©°ªº1234567890٣५"
    "😀👍🏽🇳🇴❤\ufe0f𝐀𝑎\U0001d15e\U0001d165\U000e0041"
)


def small_vocabulary() -> Vocabulary:
    """Some, but not all, of what the texts hold, in both positions, with longer pieces that compete."""
    letters = [c for c in NASTY if not c.isspace()][::2] + list("abcæøåeiσςj한글漢字.[]")
    longer = [
        "ab",
        "abc",
        "ba",
        "æø",
        "å\u0301",
        "e\u0301",
        "ing",
        "Σα",
        "σα",
        "ας",
        "漢字",
        "\ue000a",
        "MASK",
        "[MASK",
        "..",
        "#a",
    ]
    continuations = ["##" + piece for piece in [*letters[::3], *longer[::-1]]]
    pieces = dict.fromkeys([*SPECIAL_PIECES, *letters, *longer, *continuations, "#", "##"])
    return Vocabulary(pieces=tuple(pieces), ids={piece: i for i, piece in enumerate(pieces)}, sha256="")


class Oracle:
    """Model Garden's tokenizer on the bytes of a shard, read as its create_pretraining_data reads files."""

    def __init__(self, vocabulary: Vocabulary, lower_case: bool, longest_word: int = LONGEST_WORD) -> None:
        self.ids = vocabulary.ids
        self.basic = garden.BasicTokenizer(do_lower_case=lower_case)
        self.pieces = garden.WordpieceTokenizer(self.ids, max_input_chars_per_word=longest_word)

    def line(self, text: str) -> list[int]:
        return [self.ids[piece] for word in self.basic.tokenize(text) for piece in self.pieces.tokenize(word)]

    def documents(self, data: bytes) -> list[list[list[int]]]:
        documents: list[list[list[int]]] = [[]]
        for raw in data.replace(b"\r", b"").split(b"\n"):
            line = garden.convert_to_unicode(raw).strip()
            if not line:
                documents.append([])
            pieces = self.line(line)
            if pieces:
                documents[-1].append(pieces)
        return [document for document in documents if document]


VOCABULARY = small_vocabulary()
OURS = {lower: ShardTokenizer(VOCABULARY, lower, LONGEST_WORD, cache_mb=0.05) for lower in (False, True)}
THEIRS = {lower: Oracle(VOCABULARY, lower) for lower in (False, True)}


def tokenize(tokenizer: ShardTokenizer, *blocks: bytes) -> list[list[list[int]]]:
    for block in blocks:
        tokenizer.add(block)
    shard = tokenizer.finish()
    sentences = [
        shard.ids[a:b].tolist() for a, b in zip(shard.sentence_starts, shard.sentence_starts[1:], strict=False)
    ]
    return [sentences[a:b] for a, b in zip(shard.document_starts, shard.document_starts[1:], strict=False)]


nasty_text = st.text(
    st.one_of(st.sampled_from(NASTY), st.sampled_from(NASTY + "\n" * 20), st.characters(codec="utf-8"))
)


@pytest.mark.parametrize("lower_case", [False, True])
@settings(max_examples=1500, deadline=None)
@example("[MASK] [CLS]x [unused1]\n[UNK]")
@example("ΑΣ. ΑΣ.Α ΑΣ'Β ΣΣ Σ ΑΣ\u0301 ΑΣ\xadΑ 漢Σ字 ΑΣ\u3000Α ΑΣ")
@example("Å\u0327\u0301 \u1b44\u302e\u0301a\u302e\u1b44")
@example("\n \u3000\n\x1c\n\u200b\n\x85\na\n\u2028\na")
@given(nasty_text)
def test_text_gives_the_same_ids(lower_case: bool, text: str) -> None:
    data = text.encode("utf-8")
    assert tokenize(OURS[lower_case], data) == THEIRS[lower_case].documents(data)


@pytest.mark.parametrize("lower_case", [False, True])
@settings(max_examples=700, deadline=None)
@example(
    b"\xe6\x97\ra\xf0\x90\x80\n\xed\xa0\x80\xf4\x90\x80\x80 \xc0\xafx\xe2\x82\n\xff\n\xc3\r\xa6 \xc3\n\xa6 \xce\xa3\xff\xce\xb1"
)
@given(
    st.lists(
        st.one_of(
            nasty_text.map(str.encode),
            st.binary(max_size=4),
            st.lists(
                st.sampled_from(list(b"\x00aA \r\n.\x80\x9f\xa0\xa3\xbf\xc0\xc2\xce\xe0\xed\xef\xf0\xf4\xf5\xff"))
            ).map(bytes),
        )
    ).map(b"".join)
)
def test_bytes_give_the_same_ids(lower_case: bool, data: bytes) -> None:
    assert tokenize(OURS[lower_case], data) == THEIRS[lower_case].documents(data)


@pytest.mark.parametrize("lower_case", [False, True])
def test_every_character_gives_the_same_ids(lower_case: bool) -> None:
    """Every assigned character and some of the others, in a word, beside a CJK character and alone."""
    characters = [
        chr(c)
        for c in range(sys.maxunicode + 1)
        if unicodedata.category(chr(c)) not in ("Cn", "Co", "Cs") or (c % 997 == 0 and not 0xD800 <= c <= 0xDFFF)
    ]
    characters = [c for c in characters if c not in "\r\n"]
    # Thin out the large blocks of alike letters, or the oracle takes most of a minute.
    characters = [c for i, c in enumerate(characters) if unicodedata.category(c) != "Lo" or i % 8 == 0]
    spellings = {s for c in characters for s in unicodedata.normalize("NFD", c.lower()) + c}
    pieces = [*SPECIAL_PIECES, "a", "##a", "漢", *sorted(spellings), *("##" + c for c in sorted(spellings))]
    ids = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    vocabulary = Vocabulary(pieces=tuple(ids), ids=ids, sha256="")
    oracle = Oracle(vocabulary, lower_case)
    data = "\n".join(f"a{c}a漢{c} {c}" for c in characters).encode()
    expected = [pieces for c in characters if (pieces := oracle.line(f"a{c}a漢{c} {c}"))]
    got = [
        sentence
        for document in tokenize(ShardTokenizer(vocabulary, lower_case, LONGEST_WORD), data)
        for sentence in document
    ]
    assert got == expected


@pytest.mark.parametrize("lower_case", [False, True])
def test_real_text_with_a_learned_vocabulary(lower_case: bool) -> None:
    from pydoc_data.topics import topics

    text = "\n\n".join(topics[name] for name in sorted(topics)[:25])
    words = sorted({word for line in text.split("\n") for word in OURS[lower_case]._exact.words(line)})
    parts = [word[:size] for word in words[::3] for size in (3, 5, 20)] + [
        "##" + word[-size:] for word in words for size in (1, 2, 4)
    ]
    ids = {piece: i for i, piece in enumerate(dict.fromkeys([*SPECIAL_PIECES, *parts, *"abcdefghijklmnopqrstuvwxyz"]))}
    vocabulary = Vocabulary(pieces=tuple(ids), ids=ids, sha256="")
    got = tokenize(ShardTokenizer(vocabulary, lower_case), text.encode())
    assert got == Oracle(vocabulary, lower_case, 200).documents(text.encode())
    assert len(got) > 100


def test_files_are_read_as_tensorflow_reads_them(tmp_path) -> None:
    """`Oracle.documents` drops carriage returns and cuts at newlines; so does the file reader it stands for."""
    import tensorflow as tf

    data = b"foo\rbar\r\n\r\n\rx\xc3\r\xa6\x0b\x0c\x85\xe2\x80\xa8z\n\xff\xfe\nlast\r"
    path = tmp_path / "shard.txt"
    path.write_bytes(data)
    with tf.io.gfile.GFile(str(path), "rb") as reader:
        lines = [line.rstrip(b"\n") for line in reader]
    assert lines == data.replace(b"\r", b"").split(b"\n")
