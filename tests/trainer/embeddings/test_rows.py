import numpy as np
import pytest
from tiny_models import PIECES
from tokenizers import Tokenizer

from trainer.embeddings.rows import Unit, cut_remark, embed_rows
from trainer.examples.text_pieces import TextPieces
from trainer.export.tokenizer_files import TokenizerSettings, build_tokenizer
from vocab.vocabulary import parse_vocabulary

TEXT = "the  trees.\u200b sating"  # a word without pieces before the last


@pytest.fixture(scope="module")
def pieces():
    text = "".join(f"{piece}\n" for piece in PIECES)
    built = build_tokenizer(parse_vocabulary(text.encode(), "vocab.txt"), TokenizerSettings(lower_case=False))
    return TextPieces(Tokenizer.from_str(built.to_str()), "vocab.txt")


def named(row):
    return [PIECES[id] for id in row.ids]


def test_a_text_is_a_row(pieces):
    (row,) = embed_rows(["the trees"], pieces, "text", 16)
    assert named(row) == ["[CLS]", "the", "tree", "##s", "[SEP]"]
    assert (row.cut, row.units, row.groups) == (0, (), None)


def test_special_pieces_typed_in_a_text_are_text(pieces):
    (row,) = embed_rows(["the [SEP] cat"], pieces, "text", 16)
    assert named(row).count("[SEP]") == 1


def test_words_have_their_pieces_and_characters(pieces):
    (row,) = embed_rows([TEXT], pieces, "word", 16)
    assert named(row) == ["[CLS]", "the", "tree", "##s", ".", "sat", "##ing", "[SEP]"]
    assert [unit.text for unit in row.units] == ["the", "trees", ".", "sating"]
    assert all(TEXT[unit.start : unit.end] == unit.text for unit in row.units)
    assert row.groups.tolist() == [-1, 0, 1, 1, 2, 3, 3, -1]


def test_pieces_have_their_characters(pieces):
    (row,) = embed_rows(["the trees"], pieces, "piece", 16)
    assert row.units == (
        *(Unit("[CLS]", 0, 0), Unit("the", 0, 3), Unit("tree", 4, 8), Unit("##s", 8, 9)),
        Unit("[SEP]", 9, 9),
    )
    assert row.groups.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("per", ["text", "word", "piece"])
def test_what_is_too_long_is_cut_and_counted(pieces, per):
    rows = embed_rows(["the cat sat on the mat", "cat", ""], pieces, per, 5)
    assert [row.cut for row in rows] == [3, 0, 0]
    assert named(rows[0]) == ["[CLS]", "the", "cat", "sat", "[SEP]"]
    assert named(rows[2]) == ["[CLS]", "[SEP]"]
    assert [len(row.units) for row in rows] == {"text": [0, 0, 0], "word": [3, 1, 0], "piece": [5, 3, 2]}[per]
    said = "1 of 3 texts are longer than the 5 pieces that are read (--max_seq_length); their ends were cut off (3 of 13 pieces)"
    assert cut_remark(rows, 5) == said
    assert cut_remark(rows[1:], 5) == ""


def test_groups_are_int32(pieces):
    for per in ("word", "piece"):
        (row,) = embed_rows([""], pieces, per, 8)
        assert row.groups.dtype == np.int32
