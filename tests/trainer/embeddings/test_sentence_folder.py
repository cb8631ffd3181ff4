import json

import pytest
from tiny_models import sentence_folder

from beam_jobs.errors import UserError
from trainer.embeddings.sentence_folder import SentenceFolder, read_sentence_folder, sentence_files


def set_modules(folder, *modules):
    rows = [{"type": f"sentence_transformers.models.{kind}", "path": path} for kind, path in modules]
    (folder / "modules.json").write_text(json.dumps(rows))


def test_pooling_length_and_norm_are_read(tmp_path):
    folder = sentence_folder(tmp_path)
    assert read_sentence_folder(folder) == SentenceFolder(folder, "mean", True, 8, False, "", "")


def test_other_folders_are_not_of_this_kind(tmp_path):
    assert read_sentence_folder(tmp_path) is None
    assert sentence_files(tmp_path) == {}


def test_the_names_of_newer_versions_are_read(tmp_path):
    folder = sentence_folder(tmp_path, length=None)
    set_modules(folder, ("Transformer", ""), ("pooling.Pooling", "1_Pooling"))
    (folder / "1_Pooling" / "config.json").write_text('{"embedding_dimension": 8, "pooling_mode": "cls"}')
    prompts = {"default_prompt_name": "query", "prompts": {"query": "query: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    assert read_sentence_folder(folder) == SentenceFolder(folder, "cls", False, 0, False, "query: ", "")


def test_the_network_may_lie_in_a_folder_of_its_own(tmp_path):
    folder = sentence_folder(tmp_path)
    set_modules(folder, ("Transformer", "0_Transformer"), ("Pooling", "1_Pooling"))
    (folder / "0_Transformer").mkdir()
    (folder / "sentence_bert_config.json").rename(folder / "0_Transformer" / "sentence_bert_config.json")
    found = read_sentence_folder(folder)
    assert (found.network, found.max_seq_length) == (folder / "0_Transformer", 8)


def test_what_is_not_computed_here_is_named(tmp_path):
    folder = sentence_folder(tmp_path, pooling="pooling_mode_lasttoken")
    assert read_sentence_folder(folder).unknown == "pooling by lasttoken"
    set_modules(folder, ("Transformer", ""), ("Pooling", "1_Pooling"), ("Dense", "2_Dense"))
    assert read_sentence_folder(folder).unknown == "pooling by lasttoken, a module Dense"


def test_its_files_are_those_beside_the_network(tmp_path):
    folder = sentence_folder(tmp_path)
    assert set(sentence_files(folder)) == {"modules.json", "sentence_bert_config.json", "1_Pooling/config.json"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "modules.json").write_text("{"), "modules.json: cannot be read"),
        (lambda folder: (folder / "modules.json").write_text("[]"), "names no modules"),
        (lambda folder: set_modules(folder, ("CLIPModel", "")), "begins with CLIPModel, not with Transformer"),
        (lambda folder: set_modules(folder, ("Transformer", "../x")), "names the folder ../x, which is not inside it"),
        (lambda folder: (folder / "1_Pooling" / "config.json").unlink(), "1_Pooling/config.json: no such file"),
        (
            lambda folder: (folder / "sentence_bert_config.json").write_text('{"max_seq_length": "8"}'),
            "max_seq_length is '8'; write a number",
        ),
    ],
)
def test_mistakes_are_one_line(tmp_path, change, said):
    folder = sentence_folder(tmp_path)
    change(folder)
    with pytest.raises(UserError) as error:
        read_sentence_folder(folder)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_export_keeps_them_and_is_such_a_folder_again(tmp_path, capsys):
    from trainer.__main__ import main

    (tmp_path / "source").mkdir()
    source = sentence_folder(tmp_path / "source")
    assert main(["export", "--checkpoint", str(source), "--output", str(tmp_path / "exported")]) == 0
    kept = "1_Pooling/config.json, modules.json, sentence_bert_config.json"
    assert f"kept as they are: {kept}" in capsys.readouterr().out
    found = read_sentence_folder(tmp_path / "exported")
    assert (found.pooling, found.normalize, found.max_seq_length) == ("mean", True, 8)
