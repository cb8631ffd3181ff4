"""What a job has written or read is not taken on trust: content that changed behind its back is noticed, and made again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from beam_jobs.__main__ import main
from beam_jobs.execution import launch
from beam_jobs.jobs.segment import finish
from beam_jobs.jobs.segment import pipeline as segment
from beam_jobs.jobs.vocabulary import pipeline as vocabulary

Content = Callable[[Path], dict[str, object]]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def left_unfinished(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Run a job whose last step is then lost: all rows and files of its work folder are there, manifest and statistics not."""

    def run(output: Path, *arguments: object) -> Path:
        with monkeypatch.context() as patch:
            patch.setattr(launch, "remove_work", lambda *_: None)
            patch.setattr(finish, "free_texts", lambda *_: None)
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


# --- sources that change while a job reads them -----------------------------------------------------------------------


@pytest.fixture
def source(tmp_path: Path, raw: Path) -> Path:
    """A copy of the raw text that a test may change."""
    path = tmp_path / "in" / "topics.jsonl"
    path.parent.mkdir()
    path.write_bytes(raw.read_bytes())
    return path


@pytest.fixture
def after_planning(monkeypatch: pytest.MonkeyPatch) -> Callable[[object, Callable[[], None]], None]:
    """Do something once, when a job has made its plan and nothing is read yet."""

    def arrange(module: object, change: Callable[[], None]) -> None:
        write_plan = module.write_plan

        def planned(*arguments: object) -> object:
            places = write_plan(*arguments)
            change()
            monkeypatch.setattr(module, "write_plan", write_plan)
            return places

        monkeypatch.setattr(module, "write_plan", planned)

    return arrange


@pytest.mark.parametrize("job", ["segment", "vocabulary"])
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-2000]), "changed while the job read its input"),
        (
            lambda path: path.write_bytes(path.read_bytes() + b'{"text": "More."}\n'),
            "begin again with an empty --output",
        ),
        (lambda path: path.write_bytes(path.read_bytes()), "was written again while the job read its input"),
        (lambda path: path.unlink(), "No such file"),
    ],
    ids=["cut short", "appended to", "written again", "removed"],
)
def test_a_source_that_changes_after_it_was_planned_ends_the_job(
    tmp_path: Path, source: Path, after_planning, capsys: Capture, job: str, change, says: str
) -> None:
    after_planning({"segment": segment, "vocabulary": vocabulary}[job], lambda: change(source))
    more = ["--vocab_size", "1000"] if job == "vocabulary" else []
    assert main([job, "--input", str(source), "--output", str(tmp_path / "out"), *more]) == 2
    error = capsys.readouterr().err
    assert str(source) in error
    assert says in error
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_source_written_again_between_two_launches_is_read_anew(
    tmp_path: Path, source: Path, left_unfinished, content: Content
) -> None:
    """Same name, same size, other text: the finished ranges and shards are of the old one."""
    command = ["segment", "--input", str(source), "--shard_mb", "0.05"]
    output = left_unfinished(tmp_path / "out", *command)
    source.write_bytes(source.read_bytes().replace(b"the", b"The"))
    assert main([*command, "--output", str(output)]) == 0
    assert main([*command, "--output", str(tmp_path / "clean")]) == 0
    assert content(output) == content(tmp_path / "clean")


def test_foreign_sentences_written_again_between_two_launches_are_read_anew(
    tmp_path: Path, vocab_file: Path, left_unfinished, content: Content
) -> None:
    text = tmp_path / "sentences.txt"
    text.write_text("".join(f"This is document {i} .\nIt has two sentences .\n\n" for i in range(500)))
    command = ["instances", "--input", str(text), "--vocab_file", str(vocab_file), "--dupe_factor", "1"]
    output = left_unfinished(tmp_path / "out", *command)
    text.write_text(text.read_text().replace("two", "one"))
    assert main([*command, "--output", str(output)]) == 0
    assert main([*command, "--output", str(tmp_path / "clean")]) == 0
    assert content(output) == content(tmp_path / "clean")
