"""What people lost on vocabularies of another casing than their model class."""

import json

import pytest

from vocab.model_class import BERT_BASE_CONFIG


@pytest.fixture
def classes(tmp_path):
    """An uncased vocabulary of 300 words, and a cased and an uncased model class that use it."""
    words = [f"{first}{second}{third}" for first in "bdfgklmn" for second in "aeiou" for third in "lmnrst"]
    letters = [f"{mark}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz." for mark in ("", "##")]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *words]
    (tmp_path / "vocab.txt").write_text("\n".join(pieces) + "\n")
    for name, lower_case in (("cased", False), ("uncased", True)):
        content = {
            "name": name,
            "lower_case": lower_case,
            "vocab_size": len(pieces),
            "vocab_uri": "vocab.txt",
            "config": dict(BERT_BASE_CONFIG),
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    return tmp_path


@pytest.mark.parametrize("name", ["cased", "uncased"])
def test_an_uncased_vocabulary_under_a_cased_class(name, classes, capsys, caplog):
    """Every ninth piece of a corpus was [UNK], since the vocabulary was that of the uncased model; no word of it."""
    from beam_jobs.__main__ import main

    (classes / "text.txt").write_text("Bal Ben dim.\nFon Gus kal.\n\n" * 20)
    arguments = ["--input", classes / "text.txt", "--output", classes / name, "--model_class", classes / f"{name}.json"]
    assert main(["instances", *map(str, arguments), "--dupe_factor", "1", "--num_logged_samples", "0"]) == 0
    warned = [record.getMessage() for record in caplog.records if "have a capital" in record.getMessage()]
    assert main(["vocab", "lint", "--model_class", str(classes / f"{name}.json")]) == 0
    linted = "have a capital" in capsys.readouterr().out
    assert (len(warned), linted) == ((1, True) if name == "cased" else (0, False))
    for text in warned:
        assert (
            f"{classes}/vocab.txt with model class cased: 0 of its 292 pieces with letters (0.0%) have a capital"
            in text
        )
        assert "name a class whose lower_case is true" in text


def test_data_of_another_casing_than_the_model_class(classes, outcome, tiny_plan):
    """Data made for the uncased class was trained under the cased one, and the export got the cased tokenizer."""
    from beam_jobs.__main__ import main

    (classes / "text.txt").write_text("Bal Ben dim.\nFon Gus kal.\n\n" * 20)
    arguments = [
        "--input",
        classes / "text.txt",
        "--output",
        classes / "data",
        "--model_class",
        classes / "uncased.json",
    ]
    more = [
        "--dupe_factor",
        "1",
        "--num_logged_samples",
        "0",
        "--max_seq_length",
        "16",
        "--max_predictions_per_seq",
        "4",
    ]
    assert main(["instances", *map(str, arguments), *more]) == 0
    pretrain = ["pretrain", "--plan", tiny_plan(), "--data", classes / "data", "--output", classes / "run"]
    status, error = outcome([*pretrain, "--model_class", classes / "cased.json"])
    assert status == 2
    assert f"{classes}/data: its text was lower-cased, but model class cased has lower_case false" in error
