"""Every way in which input, vocabulary or output can be bad: one clear line, or kept and counted; never a traceback."""

import bz2
import gzip
import json
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from beam_jobs.__main__ import main

GOOD = [
    {"id": f"good{i}", "text": f"This is document {i}. It has a second sentence.\nAnd a third one."} for i in range(300)
]
Capture = pytest.CaptureFixture[str]


def _jsonl(path: Path, records: list[object], more: bytes = b"") -> Path:
    path.write_bytes(b"".join(json.dumps(record).encode() + b"\n" for record in records) + more)
    return path


def _segment(output: Path, *inputs: Path | str, more: tuple[str, ...] = ()) -> int:
    return main(["segment", "--input", *map(str, inputs), "--output", str(output), *more])


def _instances(output: Path, input: Path, vocab_file: Path, *more: str) -> int:
    given = ["instances", "--input", str(input), "--output", str(output), "--vocab_file", str(vocab_file)]
    return main([*given, "--dupe_factor", "1", *more])


def _error(capture: Capture) -> str:
    """The one line of an error; a traceback or a second line fails the test."""
    lines = [line for line in capture.readouterr().err.splitlines() if line.strip()]
    assert len(lines) == 1, lines
    assert lines[0].startswith("beambert: error: ")
    return lines[0]


def _rejected(output: Path) -> dict[str, list[dict[str, object]]]:
    return {
        path.stem: [json.loads(line) for line in path.read_text().splitlines()]
        for path in sorted((output / "rejected").glob("*.jsonl"))
    }


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    """A good sentence file."""
    path = tmp_path / "sentences.txt"
    path.write_text("".join(f"This is document {i} .\nIt has two sentences .\n\n" for i in range(50)))
    return path


# --- raw input -------------------------------------------------------------------------------------------------------


def test_no_file_matched(tmp_path: Path, capsys: Capture) -> None:
    assert _segment(tmp_path / "out", tmp_path / "nowhere" / "*.jsonl") == 2
    error = _error(capsys)
    assert "nowhere/*.jsonl matches no file" in error
    assert not (tmp_path / "out").exists()


def test_a_folder_of_files_that_cannot_be_read_as_text(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.pdf").write_bytes(b"%PDF")
    assert _segment(tmp_path / "out", tmp_path / "raw") == 2
    assert "a.pdf" in _error(capsys)


def test_an_unreadable_file(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _jsonl(tmp_path / "a.jsonl", GOOD)
    original = Path.open

    def denied(self: Path, *arguments: object, **more: object) -> object:  # the tests may run as root, who may read all
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return original(self, *arguments, **more)  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(Path, "open", denied)
    assert _segment(tmp_path / "out", path) == 2
    error = _error(capsys)
    assert "a.jsonl" in error
    assert "Permission denied" in error


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b'{"id": "x", "text": "broken', "broken_json"),
        (b"[1, 2]", "not_an_object"),
        (b'{"id": "x"}', "missing_text"),
        (b'{"id": "x", "text": null}', "missing_text"),
        (b'{"id": "x", "text": 7}', "wrong_type"),
        (b'{"id": "x", "text": ""}', "empty"),
        (b'{"id": "x", "text": " \\n\\t "}', "empty"),
    ],
)
def test_a_bad_record_is_set_aside_counted_and_kept(
    tmp_path: Path, capsys: Capture, record: bytes, reason: str
) -> None:
    path = _jsonl(tmp_path / "a.jsonl", GOOD, record + b"\n")
    assert _segment(tmp_path / "out", path) == 0
    rejected = _rejected(tmp_path / "out")
    assert len(rejected) == 1
    (found,) = next(iter(rejected.values()))
    assert (found["source"], found["offset"]) == ("a.jsonl", path.stat().st_size - len(record) - 1)
    stats = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert sum(stats["rejected"].values()) == 1
    assert stats["counts"]["default"]["num_documents"] == len(GOOD)


def test_too_many_rejections_fail_the_job_at_its_end(tmp_path: Path, capsys: Capture) -> None:
    path = _jsonl(tmp_path / "a.jsonl", GOOD, b"broken\n" * 30)
    assert _segment(tmp_path / "out", path) == 2
    error = _error(capsys)
    assert "--max_rejected" in error
    assert "9.1 %" in error or "9.09" in error or "30 of 330" in error
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert _segment(tmp_path / "out", path, more=("--max_rejected", "0.2")) == 0
    assert sum(map(len, _rejected(tmp_path / "out").values())) == 30


def test_invalid_utf8_is_repaired_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"A good line here.\nBl\xe5b\xe6r is Latin-1 here.\n" * 100)
    assert _segment(tmp_path / "out", path, more=("--documents_are", "lines", "--max_rejected", "1")) == 0
    stats = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert sum(stats["repaired"].values()) + sum(stats["rejected"].values()) == 100


@pytest.mark.parametrize("ending", [".gz", ".bz2"])
@pytest.mark.parametrize("damage", ["truncated", "corrupt"])
def test_a_damaged_compressed_file_keeps_what_could_be_read(
    tmp_path: Path, capsys: Capture, ending: str, damage: str
) -> None:
    plain = b"".join(json.dumps(record).encode() + b"\n" for record in GOOD * 20)
    data = gzip.compress(plain) if ending == ".gz" else bz2.compress(plain)
    damaged = data[: len(data) // 2] if damage == "truncated" else data[:100] + b"\x00" * 50 + data[150:]
    (tmp_path / f"a.jsonl{ending}").write_bytes(damaged)
    _jsonl(tmp_path / "b.jsonl", GOOD)
    status = _segment(tmp_path / "out", tmp_path / "*.jsonl*", more=("--max_rejected", "0.5"))
    assert status == 0
    rejected = [line for lines in _rejected(tmp_path / "out").values() for line in lines]
    assert any(line["source"] == f"a.jsonl{ending}" for line in rejected)


def test_zero_byte_files_are_set_aside(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    _jsonl(tmp_path / "good.jsonl", GOOD)
    assert _segment(tmp_path / "out", tmp_path / "*.jsonl") == 0
    rejected = [line for lines in _rejected(tmp_path / "out").values() for line in lines]
    assert [line["source"] for line in rejected] == ["empty.jsonl"]


def test_nothing_but_empty_documents(tmp_path: Path, capsys: Capture) -> None:
    path = _jsonl(tmp_path / "a.jsonl", [{"text": " "}] * 3)
    assert _segment(tmp_path / "out", path, more=("--max_rejected", "1")) == 2
    _error(capsys)


def test_hostile_documents_are_kept(tmp_path: Path, vocab_file: Path) -> None:
    hostile = [
        {"id": "no punctuation", "text": "word " * 2_000_000},
        {"id": "dots", "text": "." * 1_000_000},
        {"id": "controls", "text": "A\x00B\x01 and\x07 C.\u0085\u2028A new\x0b line.\x0c"},
        {"id": "one sentence", "text": "Alone."},
    ]
    path = _jsonl(tmp_path / "a.jsonl", [*GOOD, *hostile])
    assert _segment(tmp_path / "sentences", path) == 0
    stats = json.loads((tmp_path / "sentences" / "corpus_stats.json").read_text())
    assert stats["counts"]["default"]["num_documents"] == len(GOOD) + len(hostile)
    assert _instances(tmp_path / "out", tmp_path / "sentences", vocab_file) == 0
    stats = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert stats["counts"]["default"]["num_documents"] == len(GOOD) + len(hostile)


# --- sentences and vocabulary -----------------------------------------------------------------------------------------


def test_one_document_has_no_next_sentence_pairs(tmp_path: Path, vocab_file: Path, capsys: Capture) -> None:
    path = tmp_path / "one.txt"
    path.write_text("A sentence .\nAnother one .\nA third .\n")
    assert _instances(tmp_path / "out", path, vocab_file) == 2
    assert "--objective" in _error(capsys)
    assert _instances(tmp_path / "out2", path, vocab_file, "--objective", "full_sentences") == 0


def test_documents_of_one_sentence_give_instances(tmp_path: Path, vocab_file: Path) -> None:
    path = tmp_path / "single.txt"
    path.write_text("A single sentence of some length stands here .\n\n" * 200)
    assert _instances(tmp_path / "out", path, vocab_file) == 0
    stats = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert stats["counts"]["default"]["num_documents"] == 200
    assert 0.2 < stats["shares"]["label_1"] < 0.8


def test_empty_sentence_files_are_an_error(tmp_path: Path, vocab_file: Path, capsys: Capture) -> None:
    path = tmp_path / "empty.txt"
    path.write_text("\n\n  \n")
    assert _instances(tmp_path / "out", path, vocab_file) == 2
    assert "no instance" in _error(capsys)


def test_a_truncated_sentence_shard_is_named(
    tmp_path: Path, vocab_file: Path, capsys: Capture, sentences: Path
) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(sentences.read_bytes())[:-12])
    assert _instances(tmp_path / "out", path, vocab_file) == 2
    assert "a.txt.gz" in _error(capsys)
    assert not list((tmp_path / "out").glob("*.tfrecord*"))


def test_a_changed_sentence_shard_is_named(tmp_path: Path, vocab_file: Path, capsys: Capture) -> None:
    assert _segment(tmp_path / "s", _jsonl(tmp_path / "a.jsonl", GOOD)) == 0
    capsys.readouterr()
    (shard,) = (tmp_path / "s").glob("sentences-*.txt")
    data = bytearray(shard.read_bytes())
    data[10] ^= 1
    shard.write_bytes(bytes(data))
    assert _instances(tmp_path / "out", tmp_path / "s", vocab_file) == 2
    assert shard.name in _error(capsys)


@pytest.mark.parametrize(
    ("pieces", "says"),
    [
        (["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"], "[MASK]"),
        (["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "a"], "lines 6, 8"),
        ([], "empty"),
    ],
)
def test_a_bad_vocabulary(tmp_path: Path, sentences: Path, capsys: Capture, pieces: list[str], says: str) -> None:
    path = tmp_path / "bad_vocab.txt"
    path.write_text("".join(f"{piece}\n" for piece in pieces))
    assert _instances(tmp_path / "out", sentences, path) == 2
    error = _error(capsys)
    assert "bad_vocab.txt" in error
    assert says in error


def test_a_vocabulary_of_another_size_than_its_config(tmp_path: Path, sentences: Path, capsys: Capture) -> None:
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n")
    config = {
        "vocab_size": 9,
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 8,
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
    }
    model_class = {"name": "mine", "lower_case": False, "vocab_size": 9, "vocab_uri": "vocab.txt", "config": config}
    (tmp_path / "mine.json").write_text(json.dumps(model_class))
    given = ["--input", str(sentences), "--output", str(tmp_path / "out"), "--model_class", str(tmp_path / "mine.json")]
    assert main(["instances", *given]) == 2
    error = _error(capsys)
    assert "vocab.txt" in error
    assert "9" in error
    assert "7" in error


def test_an_unknown_model_class(tmp_path: Path, sentences: Path, capsys: Capture) -> None:
    given = ["--input", str(sentences), "--output", str(tmp_path / "out"), "--model_class", "bert_enormous"]
    assert main(["instances", *given]) == 2
    error = _error(capsys)
    assert "bert_enormous" in error
    assert "bert_multi_cased" in error  # what there is to choose from


def test_no_vocabulary_and_no_network(
    tmp_path: Path, sentences: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens there
    assert main(["instances", "--input", str(sentences), "--output", str(tmp_path / "out")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("fetching the vocabulary of bert_multi_cased")
    assert lines[1].startswith("beambert: error: ")
    assert "vocab.txt" in lines[1]
    assert len(lines) == 2


# --- output -----------------------------------------------------------------------------------------------------------


def test_output_that_cannot_be_written_to(tmp_path: Path, sentences: Path, vocab_file: Path, capsys: Capture) -> None:
    (tmp_path / "file").touch()
    assert _instances(tmp_path / "file" / "out", sentences, vocab_file) == 2
    assert "--output" in _error(capsys)
    assert _segment(tmp_path / "file" / "out", _jsonl(tmp_path / "a.jsonl", GOOD)) == 2
    assert "--output" in _error(capsys)


def test_a_finished_corpus_of_other_settings_is_not_touched(
    tmp_path: Path, sentences: Path, vocab_file: Path, capsys: Capture
) -> None:
    assert _instances(tmp_path / "out", sentences, vocab_file) == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    capsys.readouterr()
    assert _instances(tmp_path / "out", sentences, vocab_file, "--random_seed", "7") == 2
    error = _error(capsys)
    assert "--random_seed 42 (now 7)" in error
    assert _instances(tmp_path / "out", sentences, vocab_file) == 0
    assert "finished already" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == before


def test_half_a_corpus_of_other_settings_is_not_mixed(tmp_path: Path, capsys: Capture) -> None:
    path = _jsonl(tmp_path / "a.jsonl", GOOD, b"broken\n" * 30)
    assert _segment(tmp_path / "out", path) == 2  # too many rejections: half of it stays
    capsys.readouterr()
    assert _segment(tmp_path / "out", path, more=("--shard_mb", "1")) == 2
    assert "--shard_mb 100.0 (now 1.0)" in _error(capsys)


def test_no_room_for_a_shard(
    tmp_path: Path,
    run: Callable[..., subprocess.CompletedProcess[str]],
    command: Callable[..., list[str]],
    vocab_file: Path,
) -> None:
    path = tmp_path / "sentences.txt"
    path.write_text("".join(f"This is document {i} .\nIt has two sentences .\n\n" for i in range(20_000)))
    given = ["instances", "--input", path, "--output", tmp_path / "out", "--vocab_file", vocab_file, "--dupe_factor", 5]

    def small_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    done = subprocess.run(command(*given), capture_output=True, text=True, preexec_fn=small_files_only, timeout=120)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "cannot write" in done.stderr
    assert "it resumes" in done.stderr
    assert not list((tmp_path / "out").glob("*.tfrecord*"))
    assert run(*given).returncode == 0


# --- command line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "nonsense"),
        (["instances", "--output", "x"], "--input"),
        (["segment", "--input", "x"], "--output"),
        (["instances", "--input", "x", "--output", "y", "--masked_lm_prob", "1.5"], "--masked_lm_prob"),
        (
            ["instances", "--input", "x", "--output", "y", "--max_predictions_per_seq", "500"],
            "--max_predictions_per_seq",
        ),
        (["segment", "--input", "x", "--output", "y", "--runner", "DaskRunner"], "DaskRunner"),
        (["segment", "--input", "x", "--output", "y", "--dev_fraction", "1"], "--dev_fraction"),
    ],
)
def test_settings_are_checked_before_anything_runs(arguments: list[str], says: str, capsys: Capture) -> None:
    assert main(arguments) == 2
    assert says in _error(capsys)


def test_a_misspelt_setting_is_not_passed_over(capsys: Capture) -> None:
    assert main(["instances", "--input", "x", "--output", "y", "--dupe_fator", "3"]) == 2
    assert "unknown argument --dupe_fator 3; did you mean --dupe_factor?" in _error(capsys)
