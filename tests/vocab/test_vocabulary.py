import hashlib
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from vocab.vocabulary import load_vocabulary, parse_vocabulary

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def as_bytes(pieces, newline="\n"):
    return newline.join([*pieces, ""]).encode()


def test_ids_are_line_numbers(small_pieces, small_vocabulary):
    vocabulary = parse_vocabulary(small_vocabulary, "vocab.txt")
    assert vocabulary.pieces == tuple(small_pieces)
    assert [vocabulary.ids[piece] for piece in small_pieces] == list(range(len(small_pieces)))
    assert len(vocabulary) == 14
    assert vocabulary.sha256 == hashlib.sha256(small_vocabulary).hexdigest()


def test_special_unused_and_word_starts(small_vocabulary):
    vocabulary = parse_vocabulary(small_vocabulary, "vocab.txt")
    ids = (vocabulary.pad_id, vocabulary.unk_id, vocabulary.cls_id, vocabulary.sep_id, vocabulary.mask_id)
    assert ids == (0, 1, 2, 3, 4)
    assert vocabulary.special_ids == {0, 1, 2, 3, 4}
    assert vocabulary.unused_ids == {5}
    assert vocabulary.word_start.dtype == np.bool_
    assert np.flatnonzero(~vocabulary.word_start).tolist() == [9, 10, 12]


def test_pad_may_have_any_id():
    vocabulary = parse_vocabulary(as_bytes([*SPECIAL[1:], "a", "[PAD]"]), "vocab.txt")
    assert vocabulary.pad_id == 5
    assert 0 in vocabulary.special_ids


def test_unicode_spaces_may_be_pieces():
    spaces = ["\u00a0", "\u3000", "##\u2003", "\u2028", "\x85", "\x1c"]
    data = as_bytes([*SPECIAL, "hus\u00a0", *spaces, "a"]).replace(b"\n", b"\r\n")
    vocabulary = parse_vocabulary(data, "vocab.txt")
    assert vocabulary.pieces == (*SPECIAL, "hus", *spaces, "a")
    with pytest.raises(UserError, match="line 7 is blank"):
        parse_vocabulary(as_bytes([*SPECIAL, "a", " \t", "b"]), "vocab.txt")


def test_crlf_bom_and_trailing_blank_lines_mean_the_same(small_pieces, small_vocabulary):
    plain = parse_vocabulary(small_vocabulary, "vocab.txt")
    windows = parse_vocabulary(b"\xef\xbb\xbf" + as_bytes(small_pieces, "\r\n") + b"\r\n\n", "vocab.txt")
    assert windows.pieces == plain.pieces
    assert parse_vocabulary(small_vocabulary.rstrip(b"\n"), "vocab.txt").pieces == plain.pieces


def test_only_newlines_end_a_line():
    odd = "a\u2028b"
    assert parse_vocabulary(as_bytes([*SPECIAL, odd, "x\x0cy"]), "v").pieces[5:] == (odd, "x\x0cy")


def test_survives_pickling_to_a_worker(small_vocabulary):
    vocabulary = parse_vocabulary(small_vocabulary, "vocab.txt")
    vocabulary.word_start  # noqa: B018 - fills the cache
    copy = pickle.loads(pickle.dumps(vocabulary))
    assert copy == vocabulary
    assert copy.ids == vocabulary.ids


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "v.txt: the vocabulary is empty"),
        (b"\n\r\n \n", "v.txt: the vocabulary is empty"),
        (as_bytes(SPECIAL[:3]), r"v.txt: special pieces are missing: \[SEP\], \[MASK\]"),
        (
            as_bytes([*SPECIAL, "a", "b", "a", "b", "a"]),
            "v.txt: 2 duplicate pieces: 'a' on lines 6, 8, 10; 'b' on lines 7, 9",
        ),
        (as_bytes([*SPECIAL, "a", "a "]), "v.txt: 1 duplicate piece: 'a' on lines 6, 7"),
        (as_bytes([*SPECIAL, "", "a"]), r"v.txt: line 6 is blank; put a placeholder such as \[unused0\]"),
        (as_bytes(SPECIAL) + b"\xff\xfe\n", "v.txt: line 6 is not valid UTF-8"),
    ],
)
def test_bad_vocabularies_are_refused_in_one_line(data, message):
    with pytest.raises(UserError, match=message) as error:
        parse_vocabulary(data, "v.txt")
    assert "\n" not in str(error.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.txt: no such vocabulary file"):
        load_vocabulary(tmp_path / "nowhere.txt")
    with pytest.raises(UserError, match="cannot read the vocabulary"):
        load_vocabulary(tmp_path)


def test_loads_paths_and_file_uris(tmp_path, small_vocabulary):
    path = tmp_path / "vocab.txt"
    path.write_bytes(small_vocabulary)
    assert load_vocabulary(path) == load_vocabulary(str(path)) == load_vocabulary(path.as_uri())


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1), unique=True))
def test_every_list_of_pieces_comes_back(pieces):
    pieces = [*SPECIAL, *(piece for piece in pieces if piece not in SPECIAL and piece == piece.strip())]
    assert parse_vocabulary(as_bytes(pieces), "v").pieces == tuple(pieces)
