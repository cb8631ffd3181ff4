import json
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from beam_jobs.errors import UserError
from trainer.examples.text_pieces import TextPieces, load_text_pieces
from trainer.export.tokenizer_files import TokenizerSettings, build_tokenizer, write_tokenizer_files

NASTY = st.text("aBc[]é\u0301\u0308ıİß\u00ad\u200b\ufeff\ufffd 東\U0001f600-", max_size=12)


def spelt(letters, pieces):
    return [letters.pieces[i] for i in pieces.ids]


def characters(text, pieces):
    return [text[start:end] for start, end in zip(pieces.starts, pieces.ends, strict=True)]


def plain(text):
    """What BERT's uncased tokenizer leaves of a few characters, by the words of the paper's code."""
    kept = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in kept if unicodedata.category(c) not in ("Mn", "Cf") and c != "\ufffd")


@given(NASTY)
def test_offsets_are_substrings_of_the_original_that_spell_the_piece(letters, uncased, text):
    (pieces,) = uncased.encode([text])
    for piece, part, end in zip(spelt(letters, pieces), characters(text, pieces), pieces.ends, strict=True):
        assert part
        assert not part[0].isspace()
        assert piece in ("[UNK]", plain(part)) or piece == f"##{plain(part)}"
        assert end == len(text) or unicodedata.category(text[end])[0] != "M"
    assert all(one <= two for one, two in zip(pieces.ends[:-1], pieces.starts[1:], strict=True))


@given(st.lists(NASTY, max_size=3))
def test_ids_alone_are_the_same(uncased, texts):
    assert [ids.tolist() for ids in uncased.ids(texts)] == [pieces.ids.tolist() for pieces in uncased.encode(texts)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("cafe\u0301 b", ["c", "a", "f", "e\u0301", "b"]),
        ("café", ["c", "a", "f", "é"]),
        ("so\u00adft", ["s", "o", "\u00adf", "t"]),
        ("İs", ["İ", "s"]),
        ("\u200b \ufffd", []),
    ],
)
def test_accents_belong_to_their_letters(uncased, text, parts):
    (pieces,) = uncased.encode([text])
    found = characters(text, pieces)
    assert [part.strip("\u00ad") for part in found] == [part.strip("\u00ad") for part in parts]


@pytest.mark.parametrize("special", ["[SEP]", "[CLS]", "[MASK]", "[PAD]", "[UNK]"])
def test_special_pieces_typed_in_a_text_are_text(letters, cased, special):
    (pieces,) = cased.encode([f"a {special} b"])
    assert [piece.removeprefix("##") for piece in spelt(letters, pieces)] == ["a", *special, "b"]


def test_a_special_piece_that_has_no_spelling_is_unknown(letters):
    tokenizer = build_tokenizer(letters, TokenizerSettings(lower_case=False))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # leaves "[SEP]" whole, and the vocabulary has it
    (pieces,) = TextPieces(tokenizer, "tokenizer.json").encode(["a [SEP]"])
    assert spelt(letters, pieces) == ["a", "[UNK]"]


def test_truncation_and_padding_of_a_file_are_reset(letters, tmp_path):
    tokenizer = build_tokenizer(letters, TokenizerSettings(lower_case=False))
    tokenizer.enable_truncation(3)
    tokenizer.enable_padding(length=9)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    short, long = load_text_pieces(tmp_path).encode(["a", "a " * 50])
    assert (len(short), len(long)) == (1, 50)


def test_without_a_tokenizer_json_the_vocabulary_is_read(letters, tmp_path):
    write_tokenizer_files(tmp_path, letters, TokenizerSettings(lower_case=True), 128, 2)
    one = load_text_pieces(tmp_path).encode(["Å B"])[0]
    (tmp_path / "tokenizer.json").unlink()
    two = load_text_pieces(tmp_path).encode(["Å B"])[0]
    assert spelt(letters, one) == spelt(letters, two) == ["a", "b"]


def test_rows_are_bert_s(letters, cased):
    ids, segments = cased.row(cased.encode(["ab"])[0].ids, cased.encode(["c"])[0].ids)
    assert [letters.pieces[i] for i in ids] == ["[CLS]", "a", "##b", "[SEP]", "c", "[SEP]"]
    assert segments.tolist() == [0, 0, 0, 0, 1, 1]
    ids, segments = cased.row(cased.encode(["ab"])[0].ids)
    assert [letters.pieces[i] for i in ids] == ["[CLS]", "a", "##b", "[SEP]"]
    assert segments.tolist() == [0] * 4


def test_words_are_what_the_tokenizer_cuts_into_pieces(letters):
    pieces = TextPieces(build_tokenizer(letters, TokenizerSettings(lower_case=False)), "vocab.txt")
    (found, words), (empty, none) = pieces.encode_words(["so, ok", ""])
    assert pieces.names(found.ids) == ["s", "##o", ",", "o", "##k"]
    assert words.tolist() == [0, 0, 1, 2, 2]
    assert (len(empty), none.tolist(), none.dtype) == (0, [], np.int32)


def byte_level():
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE({piece: i for i, piece in enumerate(pieces)}, [], unk_token="<unk>"))
    tokenizer.add_special_tokens(pieces[:5])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


def test_byte_level_tokenizers_have_two_pieces_between_texts_and_spans_without_spaces():
    pieces = TextPieces(byte_level(), "tokenizer.json", segments=1)
    text = "a <s> é"
    (found,) = pieces.encode([text])
    assert characters(text, found) == ["a", "", "<", "s", ">", "", "é", "é"]
    ids, segments = pieces.row(found.ids[:1], found.ids[2:3])
    assert ids.tolist()[0] == 0
    assert ids.tolist()[2:4] == [2, 2]
    assert segments.tolist() == [0] * 6


def test_what_is_no_tokenizer_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"has neither tokenizer\.json nor vocab\.txt"):
        load_text_pieces(tmp_path)
    (tmp_path / "tokenizer.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(UserError, match="cannot read the tokenizer"):
        load_text_pieces(tmp_path)
    tokenizer = Tokenizer(models.WordPiece({"a": 0, "[CLS]": 1}, unk_token="a"))
    tokenizer.normalizer = normalizers.NFC()
    with pytest.raises(UserError, match=r"has no piece \[SEP\]"):
        TextPieces(tokenizer, "tokenizer.json")


def test_examples_load_no_tensor_library():
    code = (
        "import sys, trainer.examples.example_batches, trainer.examples.files.word_examples, trainer.examples.text_pieces;"
        "print(sorted({'keras', 'jax', 'tensorflow', 'apache_beam', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
