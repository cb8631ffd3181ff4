"""Shards of sentences as subwords: the pieces of whole documents, whatever the blocks."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.tokenizer.subword_tokenizer import SubwordTokenizer, shard_tokenizer
from beam_jobs.tokenizer.tokenize import ShardTokenizer
from tests.subword_files import TEXT, byte_level_tokenizer, unigram_tokenizer
from vocab.vocabulary import parse_vocabulary

DOCUMENTS = [[f"{part.strip()}." for part in text.split(". ") if part.strip()] for text in TEXT[:12]]
SHARD = "\n\n".join("\n".join(sentences) for sentences in DOCUMENTS).encode()


@pytest.fixture(scope="module", params=[byte_level_tokenizer, unigram_tokenizer])
def tokenizer(request):
    return request.param()


def _tokenized(tokenizer, *blocks):
    ours = SubwordTokenizer(parse_vocabulary(tokenizer.to_str().encode(), "tokenizer.json"))
    for block in blocks:
        ours.add(block)
    return ours.finish()


def test_a_document_has_the_pieces_of_its_sentences_in_one_line(tokenizer):
    shard = _tokenized(tokenizer, SHARD)
    assert (shard.documents, shard.sentences) == (len(DOCUMENTS), sum(map(len, DOCUMENTS)))
    for number, sentences in enumerate(DOCUMENTS):
        first, last = shard.sentence_starts[shard.document_starts[number : number + 2]]
        assert shard.ids[first:last].tolist() == tokenizer.encode(" ".join(sentences), add_special_tokens=False).ids
    assert os.environ["TOKENIZERS_PARALLELISM"] == "false"


def test_blocks_do_not_matter(tokenizer):
    whole = _tokenized(tokenizer, SHARD)
    lines = SHARD.split(b"\n")
    parts = _tokenized(tokenizer, *(b"\n".join(lines[i : i + 7]) + b"\n" for i in range(0, len(lines), 7)))
    for name in ("ids", "sentence_starts", "document_starts"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name


BYTE_LEVEL = byte_level_tokenizer()


@given(st.lists(st.text(alphabet="as'tI1 2é.\t\u00a0\u3000\u0301<s>\U0001f642\x1c", max_size=20), max_size=6))
def test_cutting_at_spaces_changes_nothing(parts):
    """Words are remembered one by one; the library cuts whole lines."""
    line = " ".join(parts).strip()
    ours = _tokenized(BYTE_LEVEL, line.encode()).ids.tolist()
    whole = SubwordTokenizer(parse_vocabulary(BYTE_LEVEL.to_str().encode(), "tokenizer.json"))
    whole._words = None
    whole.add(line.encode())
    assert ours == whole.finish().ids.tolist()


def test_lines_are_read_as_wordpiece_reads_them():
    tokenizer = byte_level_tokenizer()
    shard = _tokenized(tokenizer, b"\n\n  One.\r\n \t \nT\xffwo <mask>.\n\n\n")
    assert (shard.documents, shard.sentences, shard.invalid_bytes, shard.unknown) == (2, 2, 1, 0)
    two = shard.ids[shard.sentence_starts[1] :].tolist()
    assert tokenizer.decode(two) == "Two <mask>."
    assert not {0, 1, 2, 3, 4} & set(shard.ids.tolist())
    empty = _tokenized(tokenizer)
    assert (empty.pieces, empty.sentences, empty.documents) == (0, 0, 0)


def test_a_tokenizer_can_be_used_again_and_counts_unknown_pieces():
    tokenizer = SubwordTokenizer(parse_vocabulary(unigram_tokenizer().to_str().encode(), "tokenizer.json"))
    tokenizer.add("日本 the\n".encode())
    assert tokenizer.finish().unknown >= 1
    tokenizer.add(b"the\n")
    assert tokenizer.finish().unknown == 0


def test_a_wordpiece_vocabulary_has_the_compiled_tokenizer(small_vocabulary):
    assert isinstance(shard_tokenizer(small_vocabulary, False), ShardTokenizer)
    with pytest.raises(ValueError, match="WordPiece"):
        SubwordTokenizer(small_vocabulary)
