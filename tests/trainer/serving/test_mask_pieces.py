import numpy as np
import pytest
from tiny_servers import PIECES

from trainer.examples.text_pieces import text_pieces
from trainer.export.tokenizer_files import TokenizerSettings, build_tokenizer
from trainer.serving.fields import RequestError
from trainer.serving.mask_pieces import GAPS, MaskPieces
from vocab.vocabulary import parse_vocabulary

VOCABULARY = parse_vocabulary("".join(f"{piece}\n" for piece in PIECES).encode(), "vocab.txt")
SETTINGS = TokenizerSettings(lower_case=False)


@pytest.fixture
def mask():
    return MaskPieces(build_tokenizer(VOCABULARY, SETTINGS), text_pieces(VOCABULARY, SETTINGS), 32)


def test_gaps_are_masks_and_other_special_pieces_are_text(mask):
    ((ids, places),) = mask.rows("den [MASK] [SEP] [MASK]", "inputs[0]")
    names = [PIECES[id] for id in ids]
    assert names[:3] == ["[CLS]", "den", "[MASK]"]
    assert names[3] == "["
    assert names[-2:] == ["[MASK]", "[SEP]"]
    assert [names[place] for place in places[:2]] == ["[MASK]", "[MASK]"]
    assert places[2:].tolist() == [0] * (GAPS - 2)
    assert names.count("[SEP]") == 1


def test_more_gaps_than_a_row_has_are_in_more_rows(mask):
    rows = mask.rows("[MASK]" * 10, "inputs[0]")
    assert [places.tolist() for _, places in rows] == [list(range(1, 9)), [9, 10, 0, 0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(rows[0][0], rows[1][0])


@pytest.mark.parametrize(
    ("text", "said"),
    [("den film", "inputs[0] has no [MASK]"), ("[MASK] " * 31, "inputs[0] is 33 pieces long, but the model reads 32")],
)
def test_texts_without_gaps_or_too_long_are_refused(mask, text, said):
    with pytest.raises(RequestError) as error:
        mask.rows(text, "inputs[0]")
    assert error.value.message.startswith(said)
