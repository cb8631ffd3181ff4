import pytest

from beam_jobs.errors import UserError
from vocab.special_pieces import BERT_NAMES, ROBERTA_NAMES, special_names


def test_each_family_is_recognised_by_its_five_pieces():
    assert special_names([*BERT_NAMES, "a"], "f") is BERT_NAMES
    assert special_names([*ROBERTA_NAMES, "a"], "f") is ROBERTA_NAMES
    albert = special_names(["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"], "f")
    assert (albert.pad, albert.cls, albert.separators) == ("<pad>", "[CLS]", 1)
    assert ROBERTA_NAMES.separators == 2


def test_what_is_missing_is_named():
    with pytest.raises(UserError, match=r"^f: special pieces are missing: <mask>; "):
        special_names(["<s>", "</s>", "<pad>", "<unk>"], "f")
