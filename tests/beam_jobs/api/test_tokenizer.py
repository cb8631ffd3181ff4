import json

import numpy as np
import pytest

from beam_jobs.api.tokenizer import Tokenizer
from beam_jobs.errors import UserError
from vocab.model_class import BERT_BASE_CONFIG
from vocab.vocabulary import parse_vocabulary

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "en", "##to", "b", "[", "]", "MASK", "å"]
DATA = "\n".join(PIECES).encode()


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer(parse_vocabulary(DATA, "vocab.txt"))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("en ento b", ["en", "en", "##to", "b"]),
        ("en\rb", ["en", "b"]),  # white space in a text, though a shard loses it
        ("en\r\nb", ["en", "b"]),
        ("en\n\nb\n", ["en", "b"]),
        ("[MASK]", ["[", "MASK", "]"]),
        ("x", ["[UNK]"]),
        ("en\ud800b", ["[UNK]"]),  # half a surrogate pair is no character: "enb"
        ("", []),
    ],
)
def test_the_pieces_of_a_text(tokenizer, text, pieces):
    assert tokenizer(text) == pieces


def test_ids_are_int32_and_a_text_leaves_nothing_behind(tokenizer):
    for _ in range(2):
        ids = tokenizer.ids("ento b")
        assert (ids.dtype, ids.tolist()) == (np.int32, [5, 6, 7])


def test_the_casing_is_that_of_the_model_class_unless_it_is_said(tmp_path):
    (tmp_path / "vocab.txt").write_bytes(DATA)
    content = {
        "name": "mine",
        "lower_case": True,
        "vocab_size": len(PIECES),
        "vocab_uri": "vocab.txt",
        "config": {**BERT_BASE_CONFIG, "vocab_size": len(PIECES)},
    }
    (tmp_path / "mine.json").write_text(json.dumps(content))
    assert Tokenizer(tmp_path / "mine.json")("EN") == ["en"]
    assert Tokenizer(tmp_path / "mine.json", lower_case=False)("EN") == ["[UNK]"]
    assert Tokenizer(tmp_path / "vocab.txt")("EN") == ["[UNK]"]
    assert Tokenizer(tmp_path / "vocab.txt", lower_case=True)("EN") == ["en"]


def test_long_words(tmp_path):
    vocabulary = parse_vocabulary(DATA, "vocab.txt")
    assert Tokenizer(vocabulary, max_input_chars_per_word=3)("ento") == ["[UNK]"]
    with pytest.raises(UserError, match="max_input_chars_per_word is 0 and must be at least 1"):
        Tokenizer(vocabulary, max_input_chars_per_word=0)
