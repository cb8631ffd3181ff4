import json

import pytest

from beam_jobs.errors import UserError
from trainer.export.tokenizer_files import (
    TokenizerSettings,
    build_tokenizer,
    first_difference,
    read_tokenizer_settings,
    write_tokenizer_files,
)
from vocab.vocabulary import load_vocabulary


@pytest.fixture(scope="module")
def vocabulary(vocabulary_file):
    return load_vocabulary(vocabulary_file)


def write(folder, config=None, tokenizer=None):
    if config is not None:
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
    if tokenizer is not None:
        (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    return folder


def test_the_files_in_words(tmp_path, vocabulary):
    write_tokenizer_files(tmp_path, vocabulary, TokenizerSettings(True, False, False, 77), 40, 2)
    assert json.loads((tmp_path / "tokenizer_config.json").read_text()) == {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": True,
        "strip_accents": False,
        "tokenize_chinese_chars": False,
        "model_max_length": 40,
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    content = json.loads((tmp_path / "tokenizer.json").read_text())
    assert content["model"]["max_input_chars_per_word"] == 77
    assert content["model"]["unk_token"] == "[UNK]"
    assert content["normalizer"] == {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": False,
        "strip_accents": False,
        "lowercase": True,
    }
    assert (tmp_path / "vocab.txt").read_text().split("\n")[:-1] == list(vocabulary.pieces)


@pytest.mark.parametrize("settings", [TokenizerSettings(False), TokenizerSettings(True, False, False, 77)])
def test_what_is_written_is_read(tmp_path, vocabulary, settings):
    write_tokenizer_files(tmp_path, vocabulary, settings, 40, 2)
    assert read_tokenizer_settings(tmp_path) == settings


@pytest.mark.parametrize(("segments", "second"), [(1, 0), (2, 1), (5, 1)])
def test_the_second_text_has_a_row_that_there_is(vocabulary, segments, second):
    encoded = build_tokenizer(vocabulary, TokenizerSettings(False), segments).encode("the", "cat")
    assert encoded.type_ids == [0, 0, 0, second, second]


@pytest.mark.parametrize(
    ("lower", "strip", "strips"), [(True, None, True), (False, None, False), (True, False, False), (False, True, True)]
)
def test_accents_go_with_capitals_unless_it_is_said(lower, strip, strips):
    assert TokenizerSettings(lower, strip).strips_accents is strips


@pytest.mark.parametrize(
    ("config", "tokenizer", "wanted"),
    [
        ({"do_lower_case": True}, None, TokenizerSettings(True)),
        ({}, {"normalizer": {"lowercase": True, "strip_accents": True}}, TokenizerSettings(True, True)),
        ({"do_lower_case": False}, {"normalizer": {"lowercase": True}}, TokenizerSettings(False)),
        (
            None,
            {
                "normalizer": {"lowercase": False, "handle_chinese_chars": False},
                "model": {"max_input_chars_per_word": 9},
            },
            TokenizerSettings(False, None, False, 9),
        ),
    ],
)
def test_the_config_goes_before_the_normalizer(tmp_path, config, tokenizer, wanted):
    assert read_tokenizer_settings(write(tmp_path, config, tokenizer)) == wanted


def test_the_command_line_goes_before_both(tmp_path):
    assert read_tokenizer_settings(write(tmp_path, {"do_lower_case": True}), lower_case=False).lower_case is False


@pytest.mark.parametrize(
    ("config", "tokenizer", "message"),
    [
        ({}, None, "does not say whether the model lower-cases; write do_lower_case there"),
        ({"do_lower_case": "yes"}, None, "does not say whether the model lower-cases"),
        ({"do_lower_case": True, "do_basic_tokenize": False}, None, "do_basic_tokenize is False"),
        ({"do_lower_case": True, "strip_accents": "no"}, None, "strip_accents is 'no'; write true or false"),
        ({"do_lower_case": True}, {"normalizer": {"type": "NFC"}}, "its normalizer is not BERT's"),
        ([], None, "must hold a JSON object"),
    ],
)
def test_what_cannot_be_kept_is_refused(tmp_path, config, tokenizer, message):
    with pytest.raises(UserError, match=message):
        read_tokenizer_settings(write(tmp_path, config, tokenizer))


def test_a_folders_tokenizer_that_reads_otherwise_is_told(tmp_path, vocabulary):
    cased, uncased = (build_tokenizer(vocabulary, TokenizerSettings(lower)) for lower in (False, True))
    assert first_difference(tmp_path, cased, ["The"]) == ""
    write_tokenizer_files(tmp_path, vocabulary, TokenizerSettings(True), 40, 2)
    assert first_difference(tmp_path, uncased, ["The", "cat"]) == ""
    said = first_difference(tmp_path, cased, ["cat", "The"])
    assert said == f"{tmp_path}/tokenizer.json: reads 'The' as ['the'], the export as ['T', '##h', '##e']"


def test_pieces_that_an_export_would_lose_are_told(tmp_path, vocabulary):
    theirs = build_tokenizer(vocabulary, TokenizerSettings(False))
    theirs.add_tokens(["<extra>"])
    theirs.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(UserError, match=r"has 1 more pieces than vocab\.txt"):
        first_difference(tmp_path, build_tokenizer(vocabulary, TokenizerSettings(False)), [])
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(UserError, match="cannot read the tokenizer"):
        first_difference(tmp_path, theirs, [])
