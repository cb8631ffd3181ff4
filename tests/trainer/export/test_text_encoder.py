"""The tokenizer inside the SavedModel: the ids of the corpus jobs, but for what is documented."""

import unicodedata

import pytest
import tensorflow as tf

import trainer  # noqa: F401  chooses the backend, before any test imports Keras
from beam_jobs.tokenizer.reference_tokenizer import ReferenceTokenizer
from trainer.export.tokenizer_files import TokenizerSettings, build_tokenizer
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from vocab.vocabulary import load_vocabulary

pytest.importorskip("tensorflow_text")
from trainer.export.text_encoder import TextEncoder


@pytest.fixture(scope="module")
def vocabulary(vocabulary_file):
    return load_vocabulary(vocabulary_file)


def compare_ids(vocabulary, lower_case, texts):
    """Which of the texts the SavedModel's tokenizer reads otherwise than the corpus jobs' reference."""
    tiny = build_pretrainer(
        BertConfig(vocab_size=8, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4)
    )
    encoder = TextEncoder(tiny, vocabulary, TokenizerSettings(lower_case))
    reference = ReferenceTokenizer(vocabulary.ids, vocabulary.unk_id, lower_case)
    found = encoder.pieces(tf.constant(texts)).to_list()
    return [text for text, ids in zip(texts, found, strict=True) if ids != reference.tokenize(text)]


@pytest.mark.parametrize("lower_case", [False, True])
def test_ids_differ_from_ours_only_for_characters_that_python_does_not_know(vocabulary, lower_case):
    common = [
        chr(code)
        for code in range(0x110000)
        if unicodedata.category(chr(code)) not in ("Lo", "Co", "Cn", "Cs")
        or (code % 100 == 0 and not 0xD800 <= code < 0xE000)
    ]
    assert len(common) > 25_000
    different = compare_ids(vocabulary, lower_case, [f"th{character}eB" for character in common])
    assert {unicodedata.category(text[2:-2][0]) for text in different} <= {"Cn"}
    assert len(different) < 20


def test_ids_of_difficult_texts(vocabulary):
    texts = [
        "Blåbær og ÉCLAIR, «the cat»!",
        "the\u00adcat sat\u200don\ufeff mat\x00\x07",
        "ΟΔΟΣ ΣΑΣ İstanbul ﬁ Ǆ ß ẞ",
        "日本the cat日",
        "e\u0301e\u0327\u0301 a\u030a",
        "[MASK] [CLS]the",
        "",
        " \t\r\u00a0\u3000 the \u2028 cat",
        "a" * 200 + " cat",
    ]
    for lower_case in (False, True):
        assert compare_ids(vocabulary, lower_case, texts) == []


@pytest.mark.parametrize("lower_case", [False, True])
@pytest.mark.parametrize("strip_accents", [None, False, True])
@pytest.mark.parametrize("chinese", [False, True])
def test_every_setting_of_the_tokenizer_is_that_of_the_library(vocabulary, lower_case, strip_accents, chinese):
    from tokenizers import BertWordPieceTokenizer

    tiny = build_pretrainer(
        BertConfig(vocab_size=8, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4)
    )
    settings = TokenizerSettings(lower_case, strip_accents, chinese)
    oracle = BertWordPieceTokenizer(
        dict(vocabulary.ids), handle_chinese_chars=chinese, strip_accents=strip_accents, lowercase=lower_case
    )
    texts = [
        "Blåbær og ÉCLAIR, «the cat»!",
        "日本the日本 日 本B",
        "e\u0301a\u030a \u2028\u3000cat\u00a0mat\tthe-cat $5",
    ]
    expected = [oracle.encode(text, add_special_tokens=False).ids for text in texts]
    ours = build_tokenizer(vocabulary, settings)
    assert [ours.encode(text, add_special_tokens=False).ids for text in texts] == expected
    assert TextEncoder(tiny, vocabulary, settings).pieces(tf.constant(texts)).to_list() == expected


def test_words_between_the_two_limits_differ_as_documented(vocabulary):
    assert compare_ids(vocabulary, False, ["a" * 201, "a" * 800]) == ["a" * 201, "a" * 800]
    assert compare_ids(vocabulary, False, ["a" * 200, "a" * 801]) == []


def test_ids_on_running_text(vocabulary):
    from pydoc_data.topics import topics

    lines = [line for topic in list(topics.values())[:20] for line in topic.splitlines() if line.strip()]
    assert len(lines) > 500
    for lower_case in (False, True):
        assert compare_ids(vocabulary, lower_case, lines) == []
