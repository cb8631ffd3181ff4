"""An ALBERT with a SentencePiece vocabulary, as `albert-base-v2` is published: its tokenizer files are kept."""

import dataclasses
import json

import pytest
from tokenizers import Tokenizer

from tests.subword_files import unigram_tokenizer, write_tokenizer
from trainer.__main__ import main
from trainer.export.hugging_face import load_hugging_face, save_hugging_face
from trainer.export.loaded_model import load_model

pytestmark = pytest.mark.usefixtures("quick_compilation")


@pytest.fixture(scope="module")
def folder(albert, scaled, tmp_path_factory):
    """As Hugging Face lays it out, with a tokenizer.json that cuts texts."""
    folder, config = tmp_path_factory.mktemp("albert"), dataclasses.replace(albert, vocab_size=600)
    vocabulary = write_tokenizer(folder / "vocabulary", unigram_tokenizer())
    save_hugging_face(scaled(config), config, vocabulary, True, folder / "model", "card")
    (folder / "model" / "beambert_export.json").unlink()
    (folder / "model" / "spiece.model").write_bytes(b"kept as it is")
    return folder / "model"


def test_the_folder_has_a_tokenizer_that_transformers_reads_as_it_is(folder):
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    assert (settings["tokenizer_class"], settings["pad_token"], settings["mask_token"]) == (
        "PreTrainedTokenizerFast",
        "<pad>",
        "[MASK]",
    )
    assert (settings["do_lower_case"], settings["keep_accents"]) == (True, False)
    assert settings["model_input_names"] == ["input_ids", "token_type_ids", "attention_mask"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.truncation is None
    assert tokenizer.encode("The class").tokens[:2] == ["[CLS]", "▁the"]
    assert json.loads((folder / "config.json").read_text())["pad_token_id"] == 0


def test_an_export_keeps_its_files(folder, tmp_path, capsys):
    assert main(["export", "--checkpoint", str(folder), "--output", str(tmp_path / "out")]) == 0
    for name in ("spiece.model", "tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "out" / name).read_bytes() == (folder / name).read_bytes()
    assert "kept as they are: spiece.model, tokenizer.json, tokenizer_config.json" in capsys.readouterr().out
    assert load_hugging_face(tmp_path / "out").config == load_hugging_face(folder).config
    assert len(load_model(tmp_path / "out").fill_mask("the [MASK] of", top=2)[0]) == 2


@pytest.mark.parametrize("form", ["saved_model", "distilbert"])
def test_forms_with_a_wordpiece_tokenizer_are_refused(form, folder, tmp_path, capsys):
    assert main(["export", "--checkpoint", str(folder), "--output", str(tmp_path / "out"), "--format", form]) == 2
    assert "holds subwords, and this form has a WordPiece tokenizer" in capsys.readouterr().err
