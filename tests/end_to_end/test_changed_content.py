"""What a job has written or read is not taken on trust: content that changed behind its back is noticed, and made again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from beam_jobs.__main__ import main
from beam_jobs.pipelines import instances, segment, vocabulary

Content = Callable[[Path], dict[str, object]]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def left_unfinished(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Run a job whose last step is then lost: all rows and files of its work folder are there, manifest and statistics not."""

    def run(output: Path, *arguments: object) -> Path:
        with monkeypatch.context() as patch:
            for module in (segment, instances, vocabulary):
                patch.setattr(module, "remove_work", lambda *_: None)
            assert main([*map(str, arguments), "--output", str(output)]) == 0
        for name in ("manifest.json", "corpus_stats.json"):
            (output / name).unlink()
        return output

    return run


def _flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.fixture(scope="module")
def segment_command(raw: Path) -> list[str]:
    return ["segment", "--input", str(raw), "--shard_mb", "0.05"]


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory, segment_command: list[str]) -> Path:
    """The sentence corpus of a run without disturbance."""
    output = tmp_path_factory.mktemp("clean") / "sentences"
    assert main([*segment_command, "--output", str(output)]) == 0
    return output


def test_a_changed_byte_between_two_steps_never_reaches_a_shard(
    tmp_path: Path, segment_command: list[str], sentences: Path, left_unfinished, content: Content, capsys: Capture
) -> None:
    output = left_unfinished(tmp_path / "out", *segment_command)
    for shard in output.glob("*.txt"):
        shard.unlink()
    text = next(iter(sorted((output / "_work" / "texts").glob("*.txt"))))
    _flip_a_bit(text)
    capsys.readouterr()
    assert main([*segment_command, "--output", str(output)]) == 2
    assert f"{text} was damaged after it had been written" in capsys.readouterr().err
    assert not (output / "manifest.json").exists()
    assert main([*segment_command, "--output", str(output)]) == 0
    assert content(output) == content(sentences)


def test_a_finished_sentence_shard_that_was_damaged_is_made_again(
    tmp_path: Path, segment_command: list[str], sentences: Path, left_unfinished, content: Content
) -> None:
    output = left_unfinished(tmp_path / "out", *segment_command)
    _flip_a_bit(min(output.glob("*.txt")))
    assert main([*segment_command, "--output", str(output)]) == 0
    assert content(output) == content(sentences)


def test_a_finished_instance_shard_that_was_damaged_is_made_again(
    tmp_path: Path, sentences: Path, vocab_file: Path, left_unfinished, content: Content
) -> None:
    command = ["instances", "--input", str(sentences), "--vocab_file", str(vocab_file), "--dupe_factor", "1"]
    assert main([*command, "--output", str(tmp_path / "clean")]) == 0
    output = left_unfinished(tmp_path / "out", *command)
    for shard in sorted(output.glob("*.tfrecord.gz"))[::2]:
        _flip_a_bit(shard)
    assert main([*command, "--output", str(output)]) == 0
    assert content(output) == content(tmp_path / "clean")


def test_damaged_word_counts_are_counted_again(
    tmp_path: Path, raw: Path, left_unfinished, content: Content, capsys: Capture
) -> None:
    command = ["vocabulary", "--input", str(raw), "--vocab_size", "1000"]
    assert main([*command, "--output", str(tmp_path / "clean")]) == 0
    output = left_unfinished(tmp_path / "out", *command)
    _flip_a_bit(min((output / "_work" / "counts").glob("*.bin")))
    assert main([*command, "--output", str(output)]) == 0
    assert (output / "vocab.txt").read_bytes() == (tmp_path / "clean" / "vocab.txt").read_bytes()
