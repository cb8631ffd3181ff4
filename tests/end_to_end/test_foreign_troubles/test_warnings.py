"""Corpora that are well-formed and make a bad model: a warning with the number and the remedy, by every job that sees it."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from pydoc_data.topics import topics

import pytest

from beam_jobs.__main__ import main

Job = Callable[..., list[str]]


@pytest.fixture
def job(capsys: pytest.CaptureFixture[str]) -> Job:
    """Run a job that must succeed; its warnings."""

    def run(*arguments: object) -> list[str]:
        capsys.readouterr()
        assert main([str(argument) for argument in arguments]) == 0
        lines = capsys.readouterr().err.splitlines()
        return [line.removeprefix("beambert: warning: ") for line in lines if line.startswith("beambert: warning: ")]

    return run


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    """Long documents of real text."""
    path = tmp_path / "sentences.txt"
    texts = [" ".join(text.split()).replace(". ", ".\n") for text in topics.values() if len(text) > 3000]
    path.write_text("\n\n".join(texts))
    return path


def test_an_uncased_vocabulary_on_cased_text(tmp_path: Path, sentences: Path, vocab_file: Path, job: Job) -> None:
    """A tenth of somebody's corpus was [UNK], and every job and the inspection said that all was well."""
    pieces = [piece for piece in vocab_file.read_text().splitlines() if piece == piece.lower() or piece[:1] == "["]
    (tmp_path / "vocab.txt").write_text("\n".join(pieces))
    given = ["--input", sentences, "--output", tmp_path / "out", "--vocab_file", tmp_path / "vocab.txt"]
    warned = job("instances", *given, "--dupe_factor", "1")
    unknown = [line for line in warned if "[UNK]" in line and "of the pieces are [UNK], more than 1%" in line]
    assert len(unknown) == 1
    share = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())["shares"]["unknown_pieces"]
    assert share > 0.01
    assert unknown[0].startswith(f"{share:.1%} of the pieces are [UNK]")
    assert "vocab lint" in unknown[0]
    assert [line[:20] for line in job("inspect", tmp_path / "out", "--check", "all")] == [unknown[0][:20]]
    assert unknown[0] in job("instances", *given, "--dupe_factor", "1")  # finished already, and no better for it


def test_predictions_follow_the_length(tmp_path: Path, sentences: Path, vocab_file: Path, job: Job) -> None:
    """A corpus of length 512 had a third of the predictions it needs, because their number is a setting of its own."""
    given = ["--input", sentences, "--vocab_file", vocab_file, "--dupe_factor", "1", "--max_seq_length", "512"]
    assert not [line for line in job("instances", *given, "--output", tmp_path / "a") if "predicted" in line]
    stats = json.loads((tmp_path / "a" / "corpus_stats.json").read_text())
    assert stats["max_predictions_per_seq"] == 77
    assert 0.13 < stats["shares"]["pieces_predicted"] < 0.16
    given += ["--max_predictions_per_seq", "19"]
    (warning,) = job("instances", *given, "--output", tmp_path / "b")
    assert warning.startswith(
        "--max_predictions_per_seq 19 is 3.7% of --max_seq_length 512, not the 15% of --masked_lm_prob; 77 fits"
    )
    (warning,) = job("inspect", tmp_path / "b", "--check", "all")
    assert "of the pieces are predicted, not 15%" in warning
    assert "use up all 19 predictions; --max_predictions_per_seq 77 fits --max_seq_length 512" in warning
    assert warning.endswith(" (--silence predictions for none)")
    assert job("inspect", tmp_path / "b", "--check", "all", "--silence", "predictions") == []
    assert job("instances", *given, "--output", tmp_path / "b", "--silence", "predictions") == []


def test_the_default_is_as_it_was(tmp_path: Path, sentences: Path, vocab_file: Path, job: Job) -> None:
    """Corpora of the published length must stay what they are, and give no reason to worry."""
    given = ["--input", sentences, "--vocab_file", vocab_file, "--dupe_factor", "1", "--output", tmp_path / "out"]
    assert job("instances", *given) == []
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["settings"]["max_predictions_per_seq"] == 19
    assert job("instances", *given, "--max_predictions_per_seq", "19") == []
    assert job("inspect", tmp_path / "out") == []


def test_short_documents_are_mostly_padding(tmp_path: Path, vocab_file: Path, job: Job) -> None:
    """Nine tenths of the time of a training on short messages went into padding."""
    path = tmp_path / "messages.txt"
    path.write_text("".join(f"This is message {i} .\nIt is short .\n\n" for i in range(100)))
    given = ["--input", path, "--vocab_file", vocab_file, "--dupe_factor", "1"]
    (warning,) = job("instances", *given, "--output", tmp_path / "a")
    assert "of the positions are padding, more than 50%" in warning
    assert job("instances", *given, "--output", tmp_path / "b", "--objective=full_sentences") == []
    assert job("instances", *given, "--output", tmp_path / "c", "--max_seq_length", "16") == []


def test_a_vocabulary_that_is_too_small(tmp_path: Path, job: Job) -> None:
    """A vocabulary for a script of thousands of characters was learned from a thousand of them."""
    draw = random.Random(1)
    path = tmp_path / "a.txt"
    path.write_text("\n".join("".join(chr(draw.randrange(0xAC00, 0xB000)) for _ in range(5)) for _ in range(3000)))
    given = ["--input", path, "--vocab_size", "1000"]
    warned = job("vocabulary", *given, "--output", tmp_path / "few", "--alphabet_size", "200")
    assert any("of the words become [UNK], more than 1%" in line and "raise --alphabet_size" in line for line in warned)
    warned = job("vocabulary", *given, "--output", tmp_path / "all", "--alphabet_size", "4000", "--vocab_size", "8000")
    assert not any("[UNK]" in line for line in warned)
    assert any("pieces per word, more than 2.5" in line and "raise --vocab_size" in line for line in warned)
