"""A message that names a remedy: make the mistake, do what the message says, and it works."""

import gzip
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.__main__ import main
from beam_jobs.documents import lines, read_txt
from beam_jobs.faults import source_faults as faults
from beam_jobs.jobs.instances import write_instances
from beam_jobs.jobs.segment import segment_ranges
from vocab import fetch
from vocab.model_class import BERT_BASE_CONFIG

TEXTS = [f"This is document {i}. It has a second sentence.\nAnd a third one." for i in range(60)]
SENTENCES = "".join(f"This is document {i} .\nIt has two sentences .\n\n" for i in range(50))
Error = Callable[..., str]


@pytest.fixture
def error(capsys: pytest.CaptureFixture[str]) -> Error:
    """Run a job that must fail; its one line of error, behind what it may say before."""

    def run(*arguments: object) -> str:
        capsys.readouterr()
        assert main([str(argument) for argument in arguments]) == 2
        *before, line = capsys.readouterr().err.splitlines()
        assert line.startswith("beambert: error: ")
        assert not [said for said in before if "rror" in said]
        return line

    return run


def works(*arguments: object) -> bool:
    return main([str(argument) for argument in arguments]) == 0


def jsonl(path: Path, field: str, texts: list[str] = TEXTS) -> Path:
    path.write_text("".join(json.dumps({field: text}) + "\n" for text in texts))
    return path


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    """A sentence file of somebody else."""
    path = tmp_path / "sentences.txt"
    path.write_text(SENTENCES)
    return path


# --- the column or field that holds the text --------------------------------------------------------------------------


@pytest.mark.parametrize("job", ["segment", "vocabulary", "corpus"])
def test_the_column_that_the_message_names(tmp_path: Path, vocab_file: Path, error: Error, job: str) -> None:
    """A user of web crawls was told the name of the text column, gave it, and was refused for having failed before."""
    numbers = list(range(len(TEXTS)))
    pq.write_table(pa.table({"url": numbers, "content": TEXTS}), tmp_path / "a.parquet")
    given = [job, "--input", tmp_path, "--output", tmp_path / "out"]
    given += ["--vocab_file", vocab_file, "--dupe_factor", "1"] if job == "corpus" else []
    given += ["--vocab_size", "120"] if job == "vocabulary" else []
    said = error(*given)
    columns = re.search(r"no column text; name one of (.*) by --text_field", said)
    assert columns, said
    first, second = columns[1].split(", ")
    assert re.search(
        f"column {first} holds int64, not text; name the right one by --text_field",
        error(*given, "--text_field", first),
    )
    assert works(*given, "--text_field", second)


@pytest.mark.parametrize("job", ["segment", "vocabulary"])
def test_the_field_of_json_lines(tmp_path: Path, error: Error, job: str) -> None:
    """A dump whose text lies under "content" was set aside whole; the right field was then refused."""
    given = [job, "--input", jsonl(tmp_path / "a.jsonl", "content"), "--output", tmp_path / "out"]
    given += ["--vocab_size", "120"] if job == "vocabulary" else []
    said = error(*given)
    assert "by --text_field" in said
    named = json.loads((tmp_path / "out" / "rejected" / "text_missing.jsonl").read_text().splitlines()[0])
    assert "content" in named["detail"]
    assert works(*given, "--text_field", "content")
    assert not (tmp_path / "out" / "rejected").exists()  # nothing is left of the first try
    assert not (tmp_path / "out" / "_work").exists()


def test_a_field_that_part_of_the_files_have(tmp_path: Path, error: Error, capsys: pytest.CaptureFixture[str]) -> None:
    """With two sources of different fields, half of the corpus was finished under the wrong name."""
    jsonl(tmp_path / "a.jsonl", "text", TEXTS[:5])
    jsonl(tmp_path / "b.jsonl", "content", TEXTS[5:])
    given = ["segment", "--input", tmp_path / "*.jsonl", "--output", tmp_path / "out"]
    assert "55 of 60 documents (91.7%) were set aside" in error(*given)
    assert works(*given, "--text_field", "content", "--max_rejected", "0.1")
    assert "made with --text_field text (now content); beginning anew" in capsys.readouterr().err
    assert sum(1 for _ in (tmp_path / "out" / "rejected" / "text_missing.jsonl").open()) == 5


def test_going_on_without_what_was_set_aside(tmp_path: Path, error: Error) -> None:
    """The other remedy of the same message."""
    jsonl(tmp_path / "a.jsonl", "text", TEXTS[:50])
    jsonl(tmp_path / "b.jsonl", "content", TEXTS[50:])
    given = ["segment", "--input", tmp_path / "*.jsonl", "--output", tmp_path / "out"]
    assert "or raise --max_rejected" in error(*given)
    assert works(*given, "--max_rejected", "0.2")


def test_what_a_document_is(tmp_path: Path, error: Error, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's whole corpus was one text file, too large for one document."""
    for module in (faults, lines, read_txt):
        monkeypatch.setattr(module, "MAX_DOCUMENT_BYTES", 1000)
    (tmp_path / "a.txt").write_text("\n".join(text.replace("\n", " ") for text in TEXTS))
    given = ["segment", "--input", tmp_path / "a.txt", "--output", tmp_path / "out"]
    assert "choose --documents_are=lines or paragraph_blocks" in error(*given)
    assert works(*given, "--documents_are=lines")


# --- the input itself -------------------------------------------------------------------------------------------------


def test_a_damaged_file_fetched_again(tmp_path: Path, error: Error) -> None:
    """After the damaged download was replaced, the same command was refused for its other input."""
    whole = gzip.compress(
        "".join(json.dumps({"text": f"{text} {i * 7919}"}) + "\n" for i, text in enumerate(TEXTS * 9)).encode()
    )
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    given = ["segment", "--input", path, "--output", tmp_path / "out", "--max_rejected", "0"]
    assert "fetch the damaged files again" in error(*given)
    path.write_bytes(whole)
    assert works(*given)


def test_a_damaged_file_of_sentences_mended(tmp_path: Path, vocab_file: Path, error: Error) -> None:
    """The same for those who bring sentences of their own: of two files one was finished, the other to be mended."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt.gz").write_bytes(gzip.compress(SENTENCES.encode()))
    path = tmp_path / "b.txt.gz"
    path.write_bytes(path.read_bytes()[:-30])
    given = ["instances", "--input", tmp_path / "*.gz", "--output", tmp_path / "out", "--vocab_file", vocab_file]
    given += ["--dupe_factor", "1", "--shard_mb", "0.0001"]
    assert "mend or remove the file and run again" in error(*given)
    path.write_bytes(gzip.compress(SENTENCES.encode()))
    assert works(*given)


@pytest.mark.parametrize("remedy", ["--objective=sop", "--objective=full_sentences", "blank lines"])
@pytest.mark.parametrize("job", ["instances", "corpus"])
def test_a_single_document(tmp_path: Path, vocab_file: Path, error: Error, job: str, remedy: str) -> None:
    """A novel in one file has no other document to draw a random next segment from."""
    path = tmp_path / "novel.txt"
    path.write_text("".join(f"This is sentence {i} .\n" for i in range(50)))
    given = [job, "--input", path, "--output", tmp_path / "out", "--vocab_file", vocab_file, "--dupe_factor", "1"]
    given += ["--documents_are", "paragraph_blocks"] if job == "corpus" else []
    said = error(*given)
    assert remedy in said
    if remedy == "blank lines":
        path.write_text(SENTENCES)
        if (
            job == "corpus"
        ):  # the sentences of the old input are a finished corpus: nothing removes them but their owner
            assert "remove that folder" in error(*given)
            shutil.rmtree(tmp_path / "out" / "sentences")
        assert works(*given)
    else:
        assert works(*given, remedy)


@pytest.mark.parametrize("damage", ["changed", "shorter", "missing"])
def test_a_damaged_corpus_made_again(tmp_path: Path, vocab_file: Path, error: Error, damage: str) -> None:
    """The segment job, run again as advised, took the damaged folder for finished."""
    segment = ["segment", "--input", jsonl(tmp_path / "a.jsonl", "text"), "--output", tmp_path / "sentences"]
    assert works(*segment)
    (shard,) = (tmp_path / "sentences").glob("*.txt")
    text = shard.read_bytes()
    shard.write_bytes(text.replace(b"d", b"b", 1) if damage == "changed" else text[:-20])
    if damage == "missing":
        shard.unlink()
    instances = ["instances", "--input", tmp_path / "sentences", "--output", tmp_path / "out"]
    instances += ["--vocab_file", vocab_file, "--dupe_factor", "1"]
    assert "remove that folder and run the segment job again" in error(*instances)
    if damage != "changed":
        assert "remove that folder to make it again" in error(*segment)
    for path in (tmp_path / "sentences").iterdir():
        path.unlink()
    assert works(*segment)
    assert works(*instances)


def test_a_damaged_manifest(tmp_path: Path, vocab_file: Path, sentences: Path, error: Error) -> None:
    """The advice was to run "the job that wrote it", which took the folder for a stranger's."""
    (tmp_path / "manifest.json").write_text("{")
    given = ["--output", tmp_path / "out" / "x", "--vocab_file", vocab_file, "--dupe_factor", "1"]
    named = re.search(
        r"name the files beside it by a glob, such as (\S+)$", error("instances", "--input", tmp_path, *given)
    )
    assert named
    assert works("instances", "--input", named[1], *given)


# --- vocabulary and casing --------------------------------------------------------------------------------------------


def test_no_network(
    tmp_path: Path, sentences: Path, vocab_file: Path, error: Error, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine without network: put the file by hand, or name one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def unreachable(uri: str) -> bytes:
        raise OSError("no route to host")

    monkeypatch.setattr(fetch, "read_whole", unreachable)
    model_class = {
        "name": "mine",
        "lower_case": False,
        "vocab_size": len(vocab_file.read_text().splitlines()),
        "config": dict(BERT_BASE_CONFIG),
    }
    (tmp_path / "mine.json").write_text(json.dumps({**model_class, "vocab_uri": "https://example.org/vocab.txt"}))
    given = ["instances", "--input", sentences, "--output", tmp_path / "out", "--dupe_factor", "1"]
    given += ["--model_class", tmp_path / "mine.json"]
    said = error(*given)
    place = re.search(r"put the vocabulary at (\S+) by hand, or name a file with --vocab_file", said)
    assert place, said
    Path(place[1]).parent.mkdir(parents=True)
    Path(place[1]).write_bytes(vocab_file.read_bytes())
    assert works(*given)
    assert works(*given[:3], "--output", tmp_path / "out2", *given[5:], "--vocab_file", vocab_file)


def test_a_vocabulary_of_another_size(tmp_path: Path, sentences: Path, vocab_file: Path, error: Error) -> None:
    """The wrong vocabulary lay beside a model's config."""
    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"]))
    content = {
        "name": "mine",
        "lower_case": False,
        "vocab_size": 5,
        "config": dict(BERT_BASE_CONFIG),
        "vocab_uri": "vocab.txt",
    }
    (tmp_path / "mine.json").write_text(json.dumps(content))
    given = ["instances", "--input", sentences, "--output", tmp_path / "out", "--dupe_factor", "1"]
    assert "--vocab_file" in error(*given, "--model_class", tmp_path / "mine.json")
    assert works(*given, "--model_class", tmp_path / "mine.json", "--vocab_file", vocab_file)


# --- the output -------------------------------------------------------------------------------------------------------


def test_a_changed_mind_before_anything_is_finished(
    tmp_path: Path, sentences: Path, vocab_file: Path, error: Error, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in its first minute to correct a setting, the job would not begin again in its own empty folder."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    given = ["instances", "--input", sentences, "--output", tmp_path / "out", "--vocab_file", vocab_file]
    with monkeypatch.context() as patch:
        patch.setattr(write_instances, "generate_instances", stop)
        assert main([str(argument) for argument in given]) == 130
    assert (tmp_path / "out" / "_work" / "run.json").exists()
    assert works(*given, "--dupe_factor", "2")
    assert json.loads((tmp_path / "out" / "corpus_stats.json").read_text())["dupe_factor"] == 2


def test_a_changed_mind_about_what_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hours of counted words were refused to another size of vocabulary, which the counting knows nothing of."""
    from beam_jobs.jobs.vocabulary import count_words
    from beam_jobs.jobs.vocabulary import finish as finish_vocabulary

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    def never(*_: object) -> Iterator[None]:
        raise AssertionError("counted again")

    given = ["vocabulary", "--input", jsonl(tmp_path / "a.jsonl", "text"), "--output", tmp_path / "out"]
    with monkeypatch.context() as patch:
        patch.setattr(finish_vocabulary, "learn_wordpiece", stop)
        assert main([str(argument) for argument in [*given, "--vocab_size", "200"]]) == 130
    capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.setattr(count_words, "read_documents", never)
        assert works(*given, "--vocab_size", "120", "--name", "small")
    assert json.loads((tmp_path / "out" / "small.json").read_text())["vocab_size"] <= 120
    assert works(*given[:3], "--output", tmp_path / "plain", "--vocab_size", "120", "--name", "small")
    assert (tmp_path / "out" / "vocab.txt").read_bytes() == (tmp_path / "plain" / "vocab.txt").read_bytes()
    assert capsys.readouterr().err == ""


def test_hours_of_work_are_not_thrown_away_for_a_slip(
    tmp_path: Path, error: Error, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted corpus, continued with a setting mistyped, must be refused and stay as it is."""
    given = ["segment", "--input", jsonl(tmp_path / "a.jsonl", "text", TEXTS * 2000), "--output", tmp_path / "out"]
    original, calls = segment_ranges.segment, iter(range(70_000))

    def stop(*arguments: object) -> list[str]:
        if next(calls) == 60_000:
            raise KeyboardInterrupt
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(segment_ranges, "segment", stop)
        assert main([str(argument) for argument in [*given, "--max_num_cpus", "1"]]) == 130
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "_work").rglob("*.json")}
    assert len(before) > 1
    assert "--shard_mb 100.0 (now 1.0)" in error(*given, "--shard_mb", "1")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "_work").rglob("*.json")} == before


def test_another_output_or_a_removed_one(tmp_path: Path, sentences: Path, vocab_file: Path, error: Error) -> None:
    """Both remedies for a finished corpus of other settings."""
    given = ["instances", "--input", sentences, "--vocab_file", vocab_file, "--dupe_factor", "1"]
    output = tmp_path / "out"
    assert works(*given, "--output", output)
    said = error(*given, "--output", output, "--random_seed", "7")
    assert "choose another --output, or remove that folder" in said
    assert works(*given, "--output", tmp_path / "another", "--random_seed", "7")
    for path in output.iterdir():
        path.unlink()
    assert works(*given, "--output", output, "--random_seed", "7")


# --- numbers that a message proposes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [8, 12, 128, 512])
@pytest.mark.parametrize("probability", [0.01, 0.15, 1.0])
def test_the_number_of_predictions_to_try(
    tmp_path: Path, sentences: Path, error: Error, length: int, probability: float
) -> None:
    """The number that a message proposes must be one that passes."""
    given = ["instances", "--input", sentences, "--output", tmp_path / "out", "--vocab_file", tmp_path / "none.txt"]
    given += ["--max_seq_length", length, "--masked_lm_prob", probability]
    proposed = re.search(r"try (\d+)", error(*given, "--max_predictions_per_seq", "5000"))
    assert proposed
    assert "none.txt" in error(*given, "--max_predictions_per_seq", proposed[1])  # past the settings


# --- inspection and the check of vocabularies -------------------------------------------------------------------------


@pytest.fixture
def finished(tmp_path: Path, sentences: Path, vocab_file: Path) -> Path:
    """Finished instances."""
    assert works(
        "instances", "--input", sentences, "--output", tmp_path / "i", "--vocab_file", vocab_file, "--dupe_factor", "1"
    )
    return tmp_path / "i"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("manifest.json", "inspect the shards by name"), ("corpus_stats.json", "inspect the shards by name")],
)
def test_shards_by_name(finished: Path, error: Error, name: str, remedy: str) -> None:
    """The damaged file beside the shards stood in the way of the shards by name as well."""
    (finished / name).write_text("{")
    assert remedy in error("inspect", finished)
    assert works("inspect", *finished.glob("*.tfrecord.gz"))


def test_the_vocabulary_of_shards(finished: Path, vocab_file: Path, error: Error) -> None:
    """A vocabulary lost or exchanged."""
    (finished / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
    assert "name the right one by --vocab_file" in error("inspect", finished)
    (finished / "vocab.txt").unlink()
    assert "by --vocab_file or --model_class" in error("inspect", finished)
    assert works("inspect", finished, "--vocab_file", vocab_file)


def test_a_record_needs_its_shard(tmp_path: Path, finished: Path, error: Error) -> None:
    """A record's number alone does not say which shard's it is."""
    (shard,) = finished.glob("*.tfrecord.gz")
    (finished / "instances-00001-of-00001.tfrecord.gz").write_bytes(shard.read_bytes())
    (finished / "manifest.json").unlink()
    assert "name the shard itself" in error("inspect", finished, "--record", "1")
    assert works("inspect", shard, "--record", "1")


def test_the_field_of_a_sample(tmp_path: Path, vocab_file: Path, error: Error) -> None:
    """The check of a vocabulary reads JSON lines too."""
    path = jsonl(tmp_path / "a.jsonl", "content")
    assert "vocab lint needs --vocab_file or --model_class" in error("vocab", "lint")
    assert "name the field that holds the text by --text_field" in error(
        "vocab", "lint", "--vocab_file", vocab_file, "--text", path
    )
    assert works("vocab", "lint", "--vocab_file", vocab_file, "--text", path, "--text_field", "content")
