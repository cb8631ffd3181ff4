"""`vocab lint` and `vocab fetch`, by every way in."""

import gzip
import io
import json

import pytest
from rich.console import Console

from beam_jobs.commands.vocab_lint import print_report
from beam_jobs.errors import UserError
from vocab.__main__ import main
from vocab.lint import lint_vocabulary
from vocab.model_class import BERT_BASE_CONFIG, ModelClass

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = sorted(set("abdehijklmnoprstuvyæøåA"))
GOOD = [*SPECIAL, "[unused0]", *LETTERS, *(f"##{c}" for c in LETTERS), ".", "huset", "##ene"]


@pytest.fixture
def vocab_file(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(GOOD) + "\n")
    return path


def test_command(vocab_file, tmp_path, capsys):
    (tmp_path / "a.txt").write_text("huset huset.\n")
    with gzip.open(tmp_path / "b.jsonl.gz", "wt") as file:
        file.write(json.dumps({"body": "husene"}) + "\n\n")
    arguments = [
        "lint",
        "--vocab_file",
        str(vocab_file),
        "--text",
        str(tmp_path / "a.txt"),
        str(tmp_path / "b.jsonl.gz"),
    ]
    assert main([*arguments, "--text_field", "body"]) == 0
    out = capsys.readouterr().out
    assert f"{len(GOOD)} pieces (" in out
    assert "sample of 4 words: 1.750 pieces per word, 0.000% [UNK]" in out
    assert out.endswith("no errors\n")


def test_exit_status_of_a_bad_vocabulary(vocab_file, capsys):
    vocab_file.write_text("hus\nhus\n")
    assert main(["lint", "--vocab_file", str(vocab_file)]) == 1
    out = capsys.readouterr().out
    assert "error   special pieces are missing: [PAD], [UNK], [CLS], [SEP], [MASK]" in out
    assert "2 errors" in out


def test_model_class_brings_its_file_and_casing(vocab_file, tmp_path, capsys):
    config = {**BERT_BASE_CONFIG, "vocab_size": len(GOOD)}
    path = tmp_path / "own.json"
    path.write_text(ModelClass("own", True, len(GOOD), "vocab.txt", config).to_json())
    assert main(["lint", "--model_class", str(path)]) == 0
    assert "lower-cased, accents stripped" in capsys.readouterr().out
    assert main(["fetch", "--model_class", str(path)]) == 0
    assert capsys.readouterr().out == f"{vocab_file}\n"


def test_subwords_are_not_for_it(tmp_path):
    (tmp_path / "tokenizer.json").write_text('{"model": {}}')
    with pytest.raises(UserError, match="holds subwords, and vocab lint checks WordPiece"):
        main(["lint", "--vocab_file", str(tmp_path / "tokenizer.json")])


def test_what_to_check_must_be_named_once(vocab_file):
    with pytest.raises(UserError, match="needs --vocab_file or --model_class, one of them"):
        main(["lint"])
    with pytest.raises(UserError, match="one of them"):
        main(["lint", "--vocab_file", str(vocab_file), "--model_class", "bert_base_cased"])
    with pytest.raises(UserError, match="cannot read the vocabulary"):
        main(["lint", "--vocab_file", str(vocab_file) + "x"])


def test_brackets_are_printed_and_errors_coloured():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="standard", highlight=False, soft_wrap=True)
    print_report(lint_vocabulary(["a"], lower_case=False), "[bold]v.txt", False, console)
    assert "[bold]v.txt" in stream.getvalue()
    assert "\x1b[1;31merror" in stream.getvalue()
