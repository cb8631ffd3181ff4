import json

import pytest

from beam_jobs.errors import UserError
from vocab.__main__ import main
from vocab.model_class import BERT_BASE_CONFIG

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "en", "##en"]


def test_the_commands_of_vocabularies(tmp_path, capsys):
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES))
    assert main(["lint", "--vocab_file", str(tmp_path / "vocab.txt")]) == 0
    assert "7" in capsys.readouterr().out
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES[1:]))
    assert main(["lint", "--vocab_file", str(tmp_path / "vocab.txt")]) == 1
    content = {
        "name": "mine",
        "lower_case": False,
        "vocab_size": 7,
        "vocab_uri": "kept.txt",
        "config": {**BERT_BASE_CONFIG, "vocab_size": 7},
    }
    (tmp_path / "kept.txt").write_text("\n".join(PIECES))
    (tmp_path / "mine.json").write_text(json.dumps(content))
    capsys.readouterr()
    assert main(["fetch", "--model_class", str(tmp_path / "mine.json"), "--vocab_dir", str(tmp_path / "dir")]) == 0
    assert capsys.readouterr().out.strip().endswith(".txt")


def test_a_command_that_there_is_not():
    with pytest.raises(UserError, match="lint"):
        main(["lnit"])
