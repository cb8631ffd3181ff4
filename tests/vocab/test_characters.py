import sys

from vocab.characters import is_dropped, is_ideograph, is_punctuation, stands_alone


def test_character_classes_of_all_unicode():
    characters = [chr(code) for code in range(sys.maxunicode + 1)]
    assert all(is_punctuation(c) for c in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»—…。¿")
    assert not any(is_punctuation(c) for c in "aå1 €°©ひ")
    dropped = [c for c in characters if is_dropped(c)]
    assert {"\0", "\x0b", "\x7f", "\xad", "\u200b", "\ufeff", "\ufffd"} <= set(dropped)
    assert not {"\t", "\n", "\r", " ", "a", "\ue000"} & set(dropped)
    assert not any(stands_alone(c) for c in dropped)


def test_ideographs_are_those_of_the_eight_blocks_that_bert_separates():
    assert all(
        is_ideograph(c)
        for c in "\u3400\u4dbf\u4e00\u9fff\uf900\ufaff\U00020000\U0002a6df\U0002a700\U0002ceaf\U0002f800\U0002fa1f"
    )
    assert not any(
        is_ideograph(c) for c in "\u33ff\u4dc0\ua000\uf8ff\ufb00\U0002a6e0\U0002ceb0\U0002fa20\U00030000ひカ한a"
    )
