"""One SavedModel, traced in a process of its own as users have it, looked at from all sides."""

import unicodedata

import numpy as np
import pytest
import tensorflow as tf

from beam_jobs.errors import UserError
from trainer.export.hugging_face import load_hugging_face, save_hugging_face
from trainer.export.parity import ExportMismatchError
from trainer.export.saved_model import probe_texts, save_saved_model
from trainer.export.weight_map import assign_weights
from trainer.model.bert import build_pretrainer
from vocab.vocabulary import load_vocabulary

tf_text = pytest.importorskip("tensorflow_text")
reference_tokenizer = pytest.importorskip("beam_jobs.tokenizer.reference_tokenizer")


@pytest.fixture(scope="module")
def saved(exported, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "model"
    assert save_saved_model(exported, folder) < 1e-4
    return folder


@pytest.fixture(scope="module")
def loaded(saved):
    return tf.saved_model.load(str(saved))


@pytest.fixture(scope="module")
def vocabulary(vocabulary_file):
    return load_vocabulary(vocabulary_file)


def test_strings_go_in_and_embeddings_come_out(loaded, exported, vocabulary):
    texts = ["the cat sat on the mat", "a bird"]
    found = loaded.signatures["serving_default"](text=tf.constant(texts))
    assert {name: tuple(value.shape) for name, value in found.items()} == {
        "input_ids": (2, 8),
        "input_mask": (2, 8),
        "segment_ids": (2, 8),
        "sequence_output": (2, 8, 32),
        "pooled_output": (2, 32),
    }
    pieces = [[vocabulary.pieces[i] for i in row] for row in found["input_ids"].numpy()]
    assert pieces[0] == ["[CLS]", "the", "cat", "sat", "on", "the", "mat", "[SEP]"]
    assert pieces[1] == ["[CLS]", "a", "bird", "[SEP]", *["[PAD]"] * 4]
    alone = loaded.signatures["serving_default"](text=tf.constant(texts[1:]))
    np.testing.assert_allclose(found["sequence_output"][1:, :4], alone["sequence_output"], atol=1e-5)


def test_pairs_have_two_segments(loaded, exported, vocabulary):
    found = loaded.signatures["text_pairs"](text=tf.constant(["the cat"]), text_pair=tf.constant(["sat on"]))
    pieces = [vocabulary.pieces[i] for i in found["input_ids"].numpy()[0]]
    assert pieces == ["[CLS]", "the", "cat", "[SEP]", "sat", "on", "[SEP]"]
    assert found["segment_ids"].numpy().tolist() == [[0, 0, 0, 0, 1, 1, 1]]
    model = build_pretrainer(load_hugging_face(exported).config)
    assign_weights(model, load_hugging_face(exported))
    inputs = {name: found[name].numpy() for name in ("input_ids", "input_mask", "segment_ids")}
    expected = model.sequence_output(inputs)
    np.testing.assert_allclose(found["sequence_output"], expected, atol=1e-4)
    np.testing.assert_allclose(found["pooled_output"], model.pooled_output(expected), atol=1e-4)


def test_long_texts_are_cut_to_the_positions_there_are(loaded):
    long = "cat " * 100
    assert loaded.signatures["serving_default"](text=tf.constant([long]))["input_ids"].shape == (1, 40)
    pair = loaded.signatures["text_pairs"](text=tf.constant([long]), text_pair=tf.constant(["the mat"]))
    assert pair["segment_ids"].numpy().sum() == 3  # the short one is whole
    assert pair["input_ids"].shape == (1, 40)


def test_only_the_encoder_and_pooler_are_in_it(saved, config):
    reader = tf.train.load_checkpoint(str(saved / "variables" / "variables"))
    sizes = sum(
        int(np.prod(shape)) for name, shape in reader.get_variable_to_shape_map().items() if "variables" in name
    )
    heads = 32 * 32 + 32 + 64 + config.vocab_size + 32 * 2 + 2
    assert sizes == config.parameter_count() - heads


def compare_ids(vocabulary, lower_case, texts):
    """Which of the texts the SavedModel's tokenizer reads otherwise than the corpus jobs' reference."""
    from trainer.export.text_encoder import TextEncoder
    from trainer.export.tokenizer_files import TokenizerSettings
    from trainer.model.config import BertConfig

    tiny = build_pretrainer(
        BertConfig(vocab_size=8, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4)
    )
    encoder = TextEncoder(tiny, vocabulary, TokenizerSettings(lower_case))
    reference = reference_tokenizer.ReferenceTokenizer(vocabulary.ids, vocabulary.unk_id, lower_case)
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

    from trainer.export.text_encoder import TextEncoder
    from trainer.export.tokenizer_files import TokenizerSettings, build_tokenizer
    from trainer.model.config import BertConfig

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


def test_probe_texts_are_of_the_vocabulary_and_beyond(vocabulary):
    texts = probe_texts(vocabulary)
    assert "the" in texts[0].split()
    assert texts[-1] == ""


def test_a_model_folder_without_its_tokenizer_is_refused_in_one_line(exported, tmp_path):
    import shutil

    folder = shutil.copytree(exported, tmp_path / "copy")
    (folder / "tokenizer_config.json").unlink()
    (folder / "tokenizer.json").unlink()
    with pytest.raises(
        UserError, match=r"tokenizer_config\.json: does not say whether the model lower-cases"
    ) as raised:
        save_saved_model(folder, tmp_path / "saved")
    assert "\n" not in str(raised.value)
    assert {path.name for path in tmp_path.iterdir()} == {"copy"}


def test_a_saved_model_with_another_tokenizer_is_never_seen(
    exported, saved, tmp_path, monkeypatch, model, config, vocabulary_file
):
    import shutil

    from trainer.export import saved_model

    save_hugging_face(model, config, vocabulary_file, True, tmp_path / "lower", "card")
    monkeypatch.setattr(
        saved_model, "_trace", lambda source, writing: shutil.copytree(saved, writing, dirs_exist_ok=True)
    )
    with pytest.raises(ExportMismatchError, match="other ids"):
        save_saved_model(tmp_path / "lower", tmp_path / "out")
    assert not (tmp_path / "out").exists()
