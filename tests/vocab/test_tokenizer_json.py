import json

import pytest

from beam_jobs.errors import UserError
from tests.subword_files import TEXT, byte_level_tokenizer, unigram_tokenizer
from vocab.tokenizer_json import readable, text_tokenizer
from vocab.vocabulary import parse_vocabulary

NASTY = ["Blåbær 'n' <mask> </s> [MASK]", "don't  stop\tnow", "½ ﬁ ``x''", "<s>[CLS]<unk>", "日本語 🙂"]


@pytest.fixture(scope="module")
def byte_level():
    return byte_level_tokenizer()


@pytest.fixture(scope="module")
def unigram():
    return unigram_tokenizer()


def test_pieces_roles_and_words_of_byte_level_bpe(byte_level):
    vocabulary = parse_vocabulary(byte_level.to_str().encode(), "tokenizer.json")
    assert [vocabulary.pieces[i] for i in range(5)] == ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    assert (vocabulary.cls_id, vocabulary.pad_id, vocabulary.sep_id, vocabulary.unk_id, vocabulary.mask_id) == (
        0,
        1,
        2,
        3,
        4,
    )
    assert (vocabulary.space, vocabulary.lower_case, vocabulary.special_ids) == ("Ġ", False, {0, 1, 2, 3, 4})
    begins = vocabulary.word_start
    assert begins[vocabulary.ids["Ġthe"]]
    assert begins[0]
    assert not begins[vocabulary.ids["ing"]]


def test_pieces_roles_and_words_of_unigram(unigram):
    vocabulary = parse_vocabulary(unigram.to_str().encode(), "tokenizer.json")
    assert (vocabulary.pad_id, vocabulary.unk_id, vocabulary.cls_id, vocabulary.sep_id, vocabulary.mask_id) == (
        0,
        1,
        2,
        3,
        4,
    )
    assert (vocabulary.space, vocabulary.lower_case) == ("▁", True)
    assert vocabulary.word_start[vocabulary.ids["▁the"]]
    assert not vocabulary.word_start[vocabulary.ids["s"]]


@pytest.mark.parametrize("kind", ["byte_level", "unigram"])
def test_text_has_the_ids_of_the_library_and_never_a_special_one(kind, request):
    theirs = request.getfixturevalue(kind)
    vocabulary = parse_vocabulary(theirs.to_str().encode(), "tokenizer.json")
    ours = text_tokenizer(vocabulary)
    for text in TEXT[:10]:
        assert ours.encode(text).ids == theirs.encode(text, add_special_tokens=False).ids
    for text in NASTY:
        assert not (vocabulary.special_ids - {vocabulary.unk_id}) & set(ours.encode(text).ids), text
    if kind == "byte_level":
        assert all(ours.decode(ours.encode(text).ids) == text for text in NASTY)  # bytes spell everything


def test_pieces_are_shown_as_text(byte_level):
    vocabulary = parse_vocabulary(byte_level.to_str().encode(), "tokenizer.json")
    shown = [vocabulary.shown(piece) for piece in text_tokenizer(vocabulary).encode(" theå").ids]
    assert "".join(shown).startswith("the")
    assert shown[-1] in ("å", "\\xa5")
    assert readable("ĠbÃ¥t", "Ġ") == "båt"
    assert readable("▁båt", "▁") == "båt"
    assert (readable("▁", "▁"), readable("Ġ", "Ġ")) == ("", "")
    assert (vocabulary.shown(0), vocabulary.shown(10**6)) == ("<s>", "<1000000>")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": {"type": "WordPiece", "vocab": {}}}, "name the vocab.txt"),
        ({"model": {"type": "WordLevel", "vocab": {}}}, "its model is WordLevel"),
        ({"model": None}, "is no tokenizer.json"),
        ({"pre_tokenizer": {"type": "Whitespace"}}, "words cannot be told"),
        ({"added_tokens": [{"id": 700, "content": "<new>"}]}, "id 600 has no piece"),
    ],
)
def test_what_cannot_be_used_is_one_line(change, said, byte_level):
    data = json.dumps({**json.loads(byte_level.to_str()), **change}).encode()
    with pytest.raises(UserError, match=said) as caught:
        parse_vocabulary(data, "tokenizer.json")
    assert str(caught.value).startswith("tokenizer.json: ")
    assert "\n" not in str(caught.value)
