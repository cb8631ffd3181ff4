"""Exports through the command line: what they may replace, and what they say of the model."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import BertWordPieceTokenizer, Tokenizer

import beam_jobs.__main__ as jobs_command_line
import trainer.__main__ as command_line
from beam_jobs import storage

FORMATS = ("hugging_face", "distilbert", "model_garden", "original", "saved_model")


@pytest.fixture(scope="module")
def source(foreign_bert: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of somebody else's; only read."""
    return foreign_bert(tmp_path_factory.mktemp("foreign") / "model")


def content_of(folder: Path) -> dict[str, str]:
    """Every file below a folder by its name, as a digest."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def export(source: Path, output: Path, *more: str) -> int:
    return command_line.main(["export", "--checkpoint", str(source), "--output", str(output), *more])


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that a refused export ends with."""
    assert command_line.main(["export", *map(str, arguments)]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("held", ["config.json", "bert_config.json", "saved_model.pb"])
def test_a_folder_that_is_no_export_is_left_as_it_is(form, held, source, tmp_path, capsys):
    """Somebody whose project folder held a file called config.json found it emptied after an export."""
    mine = tmp_path / "project"
    (mine / "thesis").mkdir(parents=True)
    (mine / held).write_text("{}")
    (mine / "thesis" / "chapter.tex").write_text("years of work")
    before = content_of(tmp_path)
    message = refused(capsys, "--checkpoint", source, "--output", mine, "--format", form)
    assert str(mine) in message
    assert "nothing was touched: name another --output" in message
    assert content_of(tmp_path) == before


def test_a_published_google_folder_is_left_as_it_is(source, tmp_path, capsys):
    """Somebody who exported into the folder of a downloaded Google BERT lost the download."""
    google = tmp_path / "uncased_L-2"
    google.mkdir()
    for name in ("bert_config.json", "bert_model.ckpt.index", "bert_model.ckpt.data-00000-of-00001", "vocab.txt"):
        (google / name).write_text(name)
    before = content_of(google)
    assert "beambert_export.json" in refused(
        capsys, "--checkpoint", source, "--output", google, "--format", "model_garden"
    )
    assert content_of(google) == before


def test_a_source_is_never_the_output(foreign_bert, tmp_path, capsys):
    """Somebody who exported a checkpoint onto itself, or into the folder around it, lost the checkpoint."""
    model = foreign_bert(tmp_path / "models" / "mine")
    (tmp_path / "link").symlink_to(model)
    before = content_of(tmp_path / "models")
    for output in (model, tmp_path / "link", tmp_path / "models"):
        assert "holds what is to be exported" in refused(capsys, "--checkpoint", model, "--output", output)
    assert content_of(tmp_path / "models") == before


def test_an_export_is_replaced_only_while_it_is_as_it_was_written(source, tmp_path, capsys):
    """Somebody who fine-tuned an exported model in its folder and exported again lost the fine-tuned weights."""
    output = tmp_path / "exported"
    assert export(source, output, "--name", "first") == 0
    assert export(source, output, "--name", "second") == 0
    assert (output / "README.md").read_text().count("# second") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"exported"}  # nothing temporary stays
    for added, name in ((True, "training_args.bin"), (False, "model.safetensors")):
        kept = (output / name).read_bytes() if not added else b""
        (output / name).write_bytes(b"\1" * max(len(kept), 5))  # of the same size
        before = content_of(output)
        message = refused(capsys, "--checkpoint", source, "--output", output)
        assert f"{name} was {'added to it' if added else 'changed since'}" in message
        assert content_of(output) == before
        (output / name).unlink()
    assert "in the form hugging_face" in refused(
        capsys, "--checkpoint", source, "--output", output, "--format", "model_garden"
    )


def test_an_export_of_an_earlier_version_is_not_replaced(source, tmp_path, capsys):
    """Somebody whose exports were made before exports were marked must be told what to do, not have them deleted."""
    output = tmp_path / "exported"
    assert export(source, output) == 0
    (output / "beambert_export.json").unlink()
    before = content_of(output)
    message = refused(capsys, "--checkpoint", source, "--output", output)
    assert "exports of earlier versions have none" in message
    assert "remove that folder yourself" in message
    assert content_of(output) == before


def test_a_marker_cannot_point_outside_its_folder(source, tmp_path):
    """Somebody who exports over a folder from elsewhere must not lose files that its marker names by `..`."""
    output, mine = tmp_path / "exported", tmp_path / "mine.txt"
    assert export(source, output) == 0
    mine.write_text("mine")
    marker = json.loads((output / "beambert_export.json").read_text())
    marker["files"]["../mine.txt"] = {"bytes": 4, "sha256": hashlib.sha256(b"mine").hexdigest()}
    (output / "beambert_export.json").write_text(json.dumps(marker))
    assert export(source, output) == 0
    assert mine.read_text() == "mine"


def test_an_export_to_an_object_store_goes_there_and_replaces_nothing(source, bucket, tmp_path, capsys, monkeypatch):
    """Somebody who named a bucket found a folder called gs: beside the program, and an empty bucket."""
    monkeypatch.chdir(tmp_path)
    assert export(source, f"{bucket}/export/model") == 0
    assert f"{bucket}/export/model: uploaded" in capsys.readouterr().out
    names = storage.list_folder(f"{bucket}/export/model")
    assert {"model.safetensors", "config.json", "vocab.txt", "beambert_export.json"} <= {*names}
    message = refused(capsys, "--checkpoint", source, "--output", f"{bucket}/export/model")
    assert "already holds" in message
    assert storage.list_folder(f"{bucket}/export/model") == names
    assert not list(tmp_path.iterdir())


def test_a_job_overwrites_no_file_that_it_did_not_write(tmp_path, capsys):
    """Somebody who let a vocabulary be learnt into the folder of the old one lost the old one; so with a folder _work."""
    output = tmp_path / "output"
    (output / "_work").mkdir(parents=True)
    (tmp_path / "text.txt").write_text("the cat sat on the mat\n" * 50)
    arguments = ["vocabulary", "--input", str(tmp_path / "text.txt"), "--output", str(output)]
    for name in ("vocab.txt", "custom.json", "_work/notes.txt"):
        (output / name).write_text("mine")
        assert jobs_command_line.main(arguments) == 2
        assert f"already holds {name}, which no job here wrote" in capsys.readouterr().err
        assert content_of(output).keys() == {name}
        (output / name).unlink()


TEXTS = ["The cats sat. BLÅ blå", "日本 the日", "C" + "at" * 60 + " dog"]


@pytest.mark.parametrize(
    "tokenizer",
    [
        {"do_lower_case": True, "strip_accents": False},
        {"do_lower_case": True, "tokenize_chinese_chars": False},
        {"do_lower_case": False, "strip_accents": True, "tokenize_chinese_chars": False},
    ],
)
@pytest.mark.parametrize("written_in", ["tokenizer_config.json", "tokenizer.json"])
def test_an_export_reads_text_as_its_source_does(tokenizer, written_in, foreign_bert, foreign_pieces, tmp_path, capsys):
    """A team whose model keeps accents, or does not cut ideographs apart, got other piece ids from its export."""
    vocabulary = {piece: i for i, piece in enumerate(foreign_pieces)}
    common = BertWordPieceTokenizer(vocabulary, lowercase=tokenizer["do_lower_case"])
    oracle = BertWordPieceTokenizer(
        vocabulary,
        lowercase=tokenizer["do_lower_case"],
        strip_accents=tokenizer.get("strip_accents"),
        handle_chinese_chars=tokenizer.get("tokenize_chinese_chars", True),
    )
    in_config = written_in == "tokenizer_config.json"
    source = foreign_bert(tmp_path / "source", tokenizer=tokenizer if in_config else None)
    if not in_config:
        oracle.save(str(source / "tokenizer.json"))
    assert export(source, tmp_path / "exported") == 0
    assert "warning" not in capsys.readouterr().err
    settings = json.loads((tmp_path / "exported" / "tokenizer_config.json").read_text())
    assert settings["strip_accents"] == tokenizer.get("strip_accents")
    assert settings["tokenize_chinese_chars"] == tokenizer.get("tokenize_chinese_chars", True)
    exported = Tokenizer.from_file(str(tmp_path / "exported" / "tokenizer.json"))
    texts = TEXTS[: None if not in_config else 2]  # how long a word may be stands in tokenizer.json alone
    expected = [oracle.encode(text, add_special_tokens=False).ids for text in texts]
    assert [exported.encode(text, add_special_tokens=False).ids for text in texts] == expected
    assert [common.encode(text, add_special_tokens=False).ids for text in texts] != expected


def test_a_tokenizer_that_an_export_cannot_keep_is_told(foreign_bert, foreign_pieces, tmp_path, capsys):
    """A team whose tokenizer.json was not BERT's got a BERT tokenizer in its export, without a word."""
    source = foreign_bert(tmp_path / "source")
    oracle = BertWordPieceTokenizer({piece: i for i, piece in enumerate(foreign_pieces)}, lowercase=False)
    oracle.save(str(source / "tokenizer.json"))
    assert export(source, tmp_path / "one") == 0
    assert "warning: " in (told := capsys.readouterr().err)
    assert "the export as" in told
    oracle.add_tokens(["<entity>"])
    oracle.save(str(source / "tokenizer.json"))
    assert "has 1 more pieces than vocab.txt" in refused(capsys, "--checkpoint", source, "--output", tmp_path / "two")
    (source / "tokenizer_config.json").write_text('{"do_lower_case": true, "do_basic_tokenize": false}')
    assert "do_basic_tokenize is False" in refused(capsys, "--checkpoint", source, "--output", tmp_path / "two")
    (source / "tokenizer_config.json").write_text("{")
    assert "cannot read it" in refused(capsys, "--checkpoint", source, "--output", tmp_path / "two")


def test_a_corpus_is_not_made_for_a_tokenizer_that_the_jobs_do_not_have(foreign_bert, tmp_path, capsys):
    """A team whose uncased model keeps accents got a corpus without them, and other piece ids than its model's."""
    source = foreign_bert(tmp_path / "source", tokenizer={"do_lower_case": True, "strip_accents": False})
    (tmp_path / "text.txt").write_text("Blå katt.\n")
    arguments = ["--input", str(tmp_path / "text.txt"), "--output", str(tmp_path / "out")]
    assert jobs_command_line.main(["instances", *arguments, "--model_class", str(source / "config.json")]) == 2
    assert "strip_accents is False" in capsys.readouterr().err


def headless(tensors):
    """What is left of a model when it is saved as BertModel."""
    return {name: value for name, value in tensors.items() if not name.startswith("cls.")}


def test_an_export_says_which_heads_were_never_trained(foreign_bert, tmp_path, capsys):
    """Somebody who exported an encoder alone read in its card that both heads were trained, and believed fill_mask."""
    source = foreign_bert(tmp_path / "source", change=headless)
    heads = ("masked_lm", "next_sentence")
    assert export(source, tmp_path / "one", "--allow_missing", *heads) == 0
    assert export(tmp_path / "one", tmp_path / "two") == 0  # what is known is handed on
    assert "not trained, weights at random: masked_lm, next_sentence" in capsys.readouterr().out
    for output in (tmp_path / "one", tmp_path / "two"):
        card = (output / "README.md").read_text()
        assert "trained with beambert" not in card
        assert "converted with beambert from a checkpoint in Hugging Face layout: encoder and pooler." in card
        assert "**Not trained: masked-LM head, next-sentence head.**" in card
        assert "fill-mask" not in card
    assert command_line.main(["fill_mask", "--model", str(tmp_path / "two"), "the [MASK] sat"]) == 0
    assert "masked-LM head was never trained" in capsys.readouterr().err
    whole = foreign_bert(tmp_path / "whole")
    assert export(whole, tmp_path / "three") == 0
    assert "Not trained" not in (tmp_path / "three" / "README.md").read_text()
    assert command_line.main(["fill_mask", "--model", str(tmp_path / "three"), "the [MASK] sat"]) == 0
    assert "never trained" not in capsys.readouterr().err


def test_a_model_with_one_kind_of_segment_gets_a_tokenizer_that_gives_no_other(foreign_bert, tmp_path):
    """Somebody whose model has type_vocab_size 1 got a tokenizer that gives type 1, which no row stands for."""
    source = foreign_bert(tmp_path / "source", type_vocab_size=1)
    assert export(source, tmp_path / "exported") == 0
    tokenizer = Tokenizer.from_file(str(tmp_path / "exported" / "tokenizer.json"))
    assert tokenizer.encode("the cat", "sat").type_ids == [0] * 6
