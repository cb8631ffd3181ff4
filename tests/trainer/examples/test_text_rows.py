import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from trainer.examples.example import Place, TextExample
from trainer.examples.text_rows import encode_texts, pair_lengths, text_remarks


def example(text, pair=None):
    return TextExample("1", text, pair, None, None, Place("a", 1))


def test_rows_of_texts_and_pairs(letters, cased):
    one, two = encode_texts([example("ab"), example("c", "de")], cased, 8)
    assert [letters.pieces[i] for i in one.ids] == ["[CLS]", "a", "##b", "[SEP]"]
    assert [letters.pieces[i] for i in two.ids] == ["[CLS]", "c", "[SEP]", "d", "##e", "[SEP]"]
    assert two.segment_ids.tolist() == [0, 0, 0, 1, 1, 1]
    assert (one.example, two.example, one.ids.dtype, two.cut) == (0, 1, np.int32, 0)


def test_what_does_not_fit_is_cut_and_counted(letters, cased):
    one, two = encode_texts([example("abcdefgh"), example("abcdef", "xyz")], cased, 8)
    assert [letters.pieces[i] for i in one.ids][1:-1] == ["a", *(f"##{c}" for c in "bcdef")]
    assert (one.cut, len(two.ids), two.cut) == (2, 8, 4)
    assert text_remarks([one, two], 8) == (
        "2 of 2 texts are longer than --max_seq_length 8; their ends were cut off (6 of 22 pieces)",
    )
    assert text_remarks(encode_texts([example("")], cased, 8), 8) == ()
    with pytest.raises(UserError, match="--max_seq_length 3 leaves no room"):
        encode_texts([example("a", "b")], cased, 3)


def original_lengths(first, second, room):
    """google-research/bert's `_truncate_seq_pair`."""
    while first + second > room:
        if first > second:
            first -= 1
        else:
            second -= 1
    return first, second


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 30))
def test_a_pair_is_cut_as_the_original_does(first, second, room):
    assert pair_lengths(first, second, room) == original_lengths(first, second, room)
