"""Which files a job takes: each once, none in silence. One sentence each says whose trouble it is."""

import json
import logging
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from beam_jobs.__main__ import main
from beam_jobs.decoding.decode import decode_instance
from beam_jobs.records.tfrecord_stream import read_records

Content = Callable[[Path], dict[str, object]]
Run = Callable[..., subprocess.CompletedProcess[str]]
DOCUMENTS = 30


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder with a .jsonl and a .txt in a folder below."""
    root = tmp_path / "s"
    (root / "more").mkdir(parents=True)
    lines = [json.dumps({"text": f"This is text {i}. It goes on.\nIt ends."}) for i in range(DOCUMENTS)]
    (root / "a.jsonl").write_text("\n".join(lines) + "\n")
    (root / "more" / "b.txt").write_text("Here is one. There is more.\nAnd more.\n")
    return root


def _segment(output: Path, *inputs: Path | str, more: tuple[str, ...] = ()) -> int:
    return main(["segment", "--input", *map(str, inputs), "--output", str(output), *more])


def _documents(output: Path) -> int:
    return json.loads((output / "corpus_stats.json").read_text())["documents"]


def _instances(output: Path, vocab_file: Path, *inputs: Path | str) -> int:
    given = ["--output", str(output), "--vocab_file", str(vocab_file), "--dupe_factor", "1"]
    return main(["instances", "--input", *map(str, inputs), *given])


# --- the same input twice ---------------------------------------------------------------------------------------------


def test_files_named_twice_are_read_once(
    tmp_path: Path, texts: Path, content: Content, caplog: pytest.LogCaptureFixture
) -> None:
    """A team that named a folder and files in it found every document twice, the second segment taken from its copy."""
    assert _segment(tmp_path / "once", texts) == 0
    assert not caplog.records
    expected = content(tmp_path / "once")
    ways = [
        [texts, texts / "a.jsonl"],
        [texts / "more" / "b.txt", texts, f"{texts}/*.jsonl", f"{texts}/**/*.txt"],
        [f"{texts}/../s", str(texts) + "/", f"file://{texts}"],
    ]
    for i, inputs in enumerate(ways):
        caplog.clear()
        assert _segment(tmp_path / f"again{i}", *inputs) == 0
        assert content(tmp_path / f"again{i}") == expected
        (line,) = [record.message for record in caplog.records]
        assert "read once" in line
        assert "a.jsonl" in line


def test_a_warning_is_one_line_of_the_process(tmp_path: Path, texts: Path, run: Run) -> None:
    """A warning that tests in one process had seen for months came out as thirty lines of a logging error."""
    done = run("segment", "--input", texts, texts / "a.jsonl", "--language", "en", "--output", tmp_path / "out")
    assert done.returncode == 0
    assert done.stderr.splitlines() == ["beambert: warning: found more than once and read once: a.jsonl"]


@pytest.mark.parametrize("kind", ["link before", "link behind", "linked folder", "hard link", "circle"])
def test_links_beside_their_targets_add_nothing(
    tmp_path: Path, texts: Path, content: Content, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """A team whose folder held `latest.jsonl`, a link to the newest file beside it, trained on that file twice."""
    assert _segment(tmp_path / "once", texts) == 0
    if kind == "link before":
        (texts / "0.jsonl").symlink_to("a.jsonl")
    elif kind == "link behind":
        (texts / "more" / "z.jsonl").symlink_to(texts / "a.jsonl")
    elif kind == "linked folder":
        (texts / "latest").symlink_to("more")
    elif kind == "hard link":
        os.link(texts / "a.jsonl", texts / "more" / "z.jsonl")
        (texts / "more" / "z.jsonl").rename(texts / "z.jsonl")
    else:
        (texts / "more" / "up").symlink_to(texts)
    assert _segment(tmp_path / "linked", texts) == 0
    assert content(tmp_path / "linked") == content(tmp_path / "once")
    assert "read once" in caplog.text


def test_the_same_input_twice_for_every_job(tmp_path: Path, texts: Path, content: Content, vocab_file: Path) -> None:
    """A team whose launch script appended its default input to the one given made vocabularies and corpora of doubles."""
    sentences = tmp_path / "sentences"
    assert _segment(sentences, texts) == 0
    (tmp_path / "link").symlink_to(sentences)
    shard = next(sentences.glob("sentences-*.txt"))
    twice = [sentences, tmp_path / "link", shard, sentences]
    assert _instances(tmp_path / "i1", vocab_file, sentences) == 0
    assert _instances(tmp_path / "i2", vocab_file, *twice) == 0
    assert content(tmp_path / "i1") == content(tmp_path / "i2")
    for output, inputs in (("v1", [sentences]), ("v2", twice), ("v3", [texts]), ("v4", [texts, texts / "a.jsonl"])):
        given = ["--output", str(tmp_path / output), "--vocab_size", "150"]
        assert main(["vocabulary", "--input", *map(str, inputs), *given]) == 0
    assert content(tmp_path / "v1") == content(tmp_path / "v2")
    assert content(tmp_path / "v3") == content(tmp_path / "v4")
    for output, inputs in (("c1", [texts]), ("c2", [texts, texts / "a.jsonl"])):
        given = ["--output", str(tmp_path / output), "--vocab_file", str(vocab_file), "--dupe_factor", "1"]
        assert main(["corpus", "--input", *map(str, inputs), *given]) == 0
    assert content(tmp_path / "c1") == content(tmp_path / "c2")


def test_the_same_input_twice_in_an_object_store(tmp_path: Path, texts: Path, content: Content, bucket: str) -> None:
    """A team on a cluster named a bucket's folder and a glob in it, and every document came twice."""
    from beam_jobs import storage

    for path in texts.rglob("*.*"):
        storage.write_atomically(f"{bucket}/named_twice/{path.relative_to(texts)}", path.read_bytes())
    assert _segment(tmp_path / "once", texts) == 0
    again = [
        f"{bucket}/named_twice",
        f"{bucket}/named_twice/*.jsonl",
        f"{bucket}/named_twice/more/b.txt",
        f"{bucket}/named_twice/",
    ]
    for path in (tmp_path / "once").rglob("*.*"):  # an earlier output below the input
        storage.write_atomically(f"{bucket}/named_twice/out/{path.relative_to(tmp_path / 'once')}", path.read_bytes())
    assert _segment(tmp_path / "again", *again) == 0
    assert content(tmp_path / "again") == content(tmp_path / "once")


# --- earlier outputs below the input ----------------------------------------------------------------------------------


def test_earlier_outputs_below_the_input_are_no_text(
    tmp_path: Path, texts: Path, content: Content, vocab_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A team that wrote each corpus into the folder of its raw text found samples, word lists and old shards in the next."""
    assert _segment(tmp_path / "once", texts) == 0
    given = ["--vocab_file", str(vocab_file), "--dupe_factor", "1", "--dev_fraction", "0.2"]
    assert main(["corpus", "--input", str(texts), "--output", str(texts / "out"), *given]) == 0
    assert main(["vocabulary", "--input", str(texts), "--output", str(texts / "voc"), "--vocab_size", "150"]) == 0
    for name in ("manifest.json", "corpus_stats.json"):  # half a corpus, as a killed job leaves it
        (texts / "out" / "sentences" / name).rename(tmp_path / name)
    (texts / "out" / "sentences" / "_work").mkdir()
    run = {"settings_hash": "abc", "settings": {"documents_are": "files"}}
    (texts / "out" / "sentences" / "_work" / "run.json").write_text(json.dumps(run))
    for i, inputs in enumerate([[texts], [f"{texts}/**/*.txt", f"{texts}/*.jsonl"], [f"{texts}/*"]]):
        caplog.clear()
        assert _segment(tmp_path / f"again{i}", *inputs) == 0
        assert content(tmp_path / f"again{i}") == content(tmp_path / "once")
        assert "earlier jobs" in caplog.text


def test_an_earlier_output_is_refused_as_raw_text(
    tmp_path: Path, texts: Path, vocab_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A team that gave a folder of instances to the segmenter got a corpus of its vocabulary file."""
    assert _segment(tmp_path / "sentences", texts) == 0
    assert _instances(tmp_path / "instances", vocab_file, tmp_path / "sentences") == 0
    capsys.readouterr()
    for folder in ("sentences", "instances"):
        assert _segment(tmp_path / "out", tmp_path / folder) == 2
        assert f"the output of an earlier job ({folder}), not raw text" in capsys.readouterr().err
    (tmp_path / "all").mkdir()
    (tmp_path / "instances").rename(tmp_path / "all" / "instances")
    assert _segment(tmp_path / "out", tmp_path / "all") == 2
    assert "of earlier jobs or training runs passed over (instances/" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_sentence_corpora_below_a_folder_are_sentences(
    tmp_path: Path, texts: Path, content: Content, vocab_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A team that keeps its sentence corpora in one folder names that folder, in which instances may lie too."""
    assert _segment(tmp_path / "all" / "nb", texts) == 0
    assert _instances(tmp_path / "all" / "i1", vocab_file, tmp_path / "all") == 0
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        assert _instances(tmp_path / "all" / "i2", vocab_file, tmp_path / "all") == 0
    assert content(tmp_path / "all" / "i1") == content(tmp_path / "all" / "i2")
    assert "all/i1" in caplog.text or "i1/samples.txt" in caplog.text


# --- splits by name ---------------------------------------------------------------------------------------------------


def test_held_out_files_as_the_hub_names_them(
    tmp_path: Path, vocab_file: Path, content: Content, caplog: pytest.LogCaptureFixture
) -> None:
    """A team that fetched a data set with a `validation` part trained on it and evaluated on nothing."""
    text = "".join(f"This is sentence {i} of it .\nHere is another {i * i} .\n\n" for i in range(20))
    names = [
        "data/train-00000-of-00001.txt",
        "data/validation-00000-of-00001.txt",
        "valid/a.txt",
        "eval/a.txt",
        "test.txt",
    ]
    for name in names:
        (tmp_path / "raw" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "raw" / name).write_text(text)
    more = ("--documents_are", "paragraph_blocks", "--dev_fraction", "0.5")
    assert _segment(tmp_path / "out", tmp_path / "raw", more=more) == 0
    assert "3 files held out as split dev" in caplog.text
    assert "1 file held out as split test" in caplog.text
    counts = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())["counts"]
    assert {split: count["num_documents"] for split, count in counts.items()} == {"train": 20, "dev": 60, "test": 20}
    assert _instances(tmp_path / "instances", vocab_file, tmp_path / "raw") == 0
    assert (tmp_path / "instances" / "dev").is_dir()
    assert _segment(tmp_path / "alone", tmp_path / "raw" / "valid", more=more) == 0
    assert set(json.loads((tmp_path / "alone" / "corpus_stats.json").read_text())["counts"]) == {"dev"}


# --- names ------------------------------------------------------------------------------------------------------------


def test_names_that_are_not_utf8(tmp_path: Path, vocab_file: Path, content: Content) -> None:
    """A team with file names from an old system in Latin-1 got a traceback from every job."""
    home = os.fsencode(tmp_path) + b"/caf\xe9"
    os.makedirs(home + b"/raw")  # noqa: PTH103
    lines = [json.dumps({"text": f"This is text {i}. It goes on.\nIt ends."}) + "\n" for i in range(DOCUMENTS)]
    with open(home + b"/raw/bl\xe5.jsonl", "w") as file:  # noqa: PTH123
        file.writelines([*lines, "broken\n"])
    folder = Path(os.fsdecode(home))
    assert _segment(folder / "s1", folder / "raw", more=("--max_rejected", "0")) == 2  # a mistake with this path in it
    assert _segment(folder / "s", folder / "raw", more=("--max_rejected", "1")) == 0
    stats = json.loads((folder / "s" / "corpus_stats.json").read_text())
    assert list(stats["sources"]) == ["bl\\xe5.jsonl"]
    assert stats["documents"] == DOCUMENTS
    (rejected,) = [json.loads(line) for line in (folder / "s" / "rejected" / "broken_json.jsonl").open()]
    assert rejected["source"] == "bl\\xe5.jsonl"
    assert _instances(folder / "i", vocab_file, next((folder / "s").glob("sentences-*.txt"))) == 0
    given = [
        "--output",
        str(folder / "c"),
        "--vocab_file",
        str(vocab_file),
        "--dupe_factor",
        "1",
        "--max_rejected",
        "1",
    ]
    assert main(["corpus", "--input", str(folder / "raw"), *given]) == 0
    assert content(folder / "c" / "sentences") == content(folder / "s")


# --- nothing vanishes -------------------------------------------------------------------------------------------------


def test_text_with_hidden_looking_names_is_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A team that kept a page a file, under its title, lost every page whose title begins with `.` or `_`."""
    root = tmp_path / "pages"
    (root / ".old").mkdir(parents=True)
    for name in (
        "_netlesskin.txt",
        ".NET_Framework.txt",
        "Net.txt",
        "._Net.txt",
        ".old/Net.txt",
        "Net.pdf",
        "_SUCCESS",
    ):
        (root / name).write_text("This is a page. It has a text.\n")
    for i, pattern in enumerate((root, root / "*", root / "**" / "*.txt")):
        caplog.clear()
        assert _segment(tmp_path / f"out{i}", pattern) == 0
        assert _documents(tmp_path / f"out{i}") == 3
        messages = [record.message for record in caplog.records]
        assert [message for message in messages if ".old/Net.txt" in message and "begin with . or _" in message]
        assert ["Net.pdf" in caplog.text, "_SUCCESS" in caplog.text] == [i < 2, False]


def test_what_is_no_regular_file_is_named(
    tmp_path: Path, texts: Path, content: Content, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """A team whose folder held a named pipe counted it as an empty file, and another piped its text into nothing."""
    assert _segment(tmp_path / "once", texts) == 0
    os.mkfifo(texts / "live.jsonl")
    assert _segment(tmp_path / "again", texts) == 0
    assert "live.jsonl, a pipe" in caplog.text
    assert content(tmp_path / "again") == content(tmp_path / "once")
    capsys.readouterr()
    assert _segment(tmp_path / "direct", texts / "live.jsonl") == 2
    assert "live.jsonl is a pipe" in capsys.readouterr().err


def test_files_without_documents_are_named(tmp_path: Path, texts: Path) -> None:
    """A team whose export had failed for some files, blank lines or no rows in them, did not see which."""
    (texts / "blank.jsonl").write_text("\n \n" * 1000)
    (texts / "large.jsonl").write_text("\n" * 1_300_000)  # several ranges
    (texts / "late.jsonl").write_text("\n" * 1_300_000 + json.dumps({"text": "A late text."}))
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), texts / "rows.parquet")
    (texts / "none.txt").write_bytes(b"")
    for job in ("segment", "vocabulary"):
        more = ("--max_rejected", "1", *(("--vocab_size", "150") if job == "vocabulary" else ()))
        assert main([job, "--input", str(texts), "--output", str(tmp_path / job), *more]) == 0
        rejected = (tmp_path / job / "rejected" / "empty_file.jsonl").read_text().splitlines()
        names = sorted(json.loads(line)["source"] for line in rejected)
        assert names == ["blank.jsonl", "large.jsonl", "none.txt", "rows.parquet"]


def test_partition_folders_are_fields(tmp_path: Path) -> None:
    """A team whose tables are partitioned by language segmented all of them by neutral rules."""
    text = "Den 5. Mai er fin. Se bl.a. Oslo her."
    pq.write_to_dataset(pa.table({"text": [text] * 3, "lang": ["nb"] * 3}), tmp_path / "arrow", partition_cols=["lang"])
    (tmp_path / "own" / "language=nb").mkdir(parents=True)
    for name, content in (("a.jsonl", json.dumps({"text": text}) + "\n"), ("b.txt", text), ("c.txt", text)):
        (tmp_path / "own" / "language=nb" / name).write_text(content)
    (tmp_path / "plain.txt").write_text(text)
    assert _segment(tmp_path / "s0", tmp_path / "plain.txt", more=("--language", "nb")) == 0
    assert _segment(tmp_path / "s1", tmp_path / "arrow") == 0
    assert _segment(tmp_path / "s2", tmp_path / "own", more=("--language_field", "language")) == 0
    assert _segment(tmp_path / "neutral", tmp_path / "own") == 0
    one, *several = [next((tmp_path / name).glob("*.txt")).read_text() for name in ("s0", "s1", "s2", "neutral")]
    assert several[:2] == [one * 3, one * 3]
    assert several[2] != one * 3


# --- vocabularies and their samples -----------------------------------------------------------------------------------


def test_lint_reads_samples_as_the_jobs_do(
    tmp_path: Path, vocab_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A team that checked its vocabulary on a Parquet file was told how the bytes of that file are spelt."""
    texts = ["The words of this text .", "And of another text ."]
    pq.write_table(pa.table({"body": texts}), tmp_path / "a.parquet")
    (tmp_path / "many").mkdir()
    (tmp_path / "many" / "a.jsonl.zst").write_bytes(
        zstandard.compress("".join(json.dumps({"body": text}) + "\n" for text in texts).encode())
    )
    (tmp_path / "plain.sample").write_text("\n".join(texts))
    reports = []
    for sample in ("a.parquet", "many", "m*/*", "plain.sample"):
        given = ["--vocab_file", str(vocab_file), "--text", str(tmp_path / sample), "--text_field", "body"]
        assert main(["vocab", "lint", *given]) == 0
        reports.append(capsys.readouterr().out)
    assert "sample of 11 words" in reports[0]
    assert len(set(reports)) == 1
    for sample, says in (("a.parquet", "no column text"), ("no.txt", "--text"), ("vocab.bin", "binary data")):
        (tmp_path / "vocab.bin").write_bytes(bytes(range(256)))
        assert main(["vocab", "lint", "--vocab_file", str(vocab_file), "--text", str(tmp_path / sample)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert says in line


def test_a_vocabulary_with_unicode_spaces(tmp_path: Path, texts: Path, vocab_file: Path) -> None:
    """A team could not use a published vocabulary because some of its pieces are spaces of Unicode: "blank line"."""
    pieces = vocab_file.read_text().split("\n")[:-1]
    odd = tmp_path / "vocab.txt"
    odd.write_text("\n".join([*pieces, "\u3000", "##\u2003", "\u2028"]) + "\n")
    assert main(["vocab", "lint", "--vocab_file", str(odd)]) == 0
    assert _segment(tmp_path / "sentences", texts) == 0
    assert _instances(tmp_path / "i", odd, tmp_path / "sentences") == 0
    entry = json.loads((tmp_path / "i" / "manifest.json").read_text())["vocabulary"]
    assert entry["size"] == len(pieces) + 3
    assert main(["inspect", str(tmp_path / "i"), "--check", "all"]) == 0


@pytest.mark.parametrize("masking", ["dynamic", "whole_word"])
def test_a_vocabulary_whose_pad_is_not_the_first_piece(
    tmp_path: Path, texts: Path, vocab_file: Path, masking: str
) -> None:
    """A team whose published vocabulary has [PAD] as its fourth piece could make no instances for it."""
    pieces = vocab_file.read_text().split("\n")[:-1]
    assert pieces[0] == "[PAD]"
    moved = tmp_path / "vocab.txt"
    moved.write_text("\n".join([*pieces[5:8], "[PAD]", *pieces[8:], *pieces[1:5]]) + "\n")
    assert main(["vocab", "lint", "--vocab_file", str(moved)]) == 0
    assert _segment(tmp_path / "sentences", texts) == 0
    found = []
    for output, vocabulary in (("usual", vocab_file), ("other", moved)):
        given = ["--vocab_file", str(vocabulary), "--masking", masking, "--nogzipped", "--replace_per", "word"]
        made = ["--input", str(tmp_path / "sentences"), "--output", str(tmp_path / output), *given]
        assert main(["instances", *made, "--dupe_factor", "2"]) == 0
        assert main(["inspect", str(tmp_path / output), "--check", "all"]) == 0
        (shard,) = (tmp_path / output).glob("*.tfrecord")
        names = vocabulary.read_text().split("\n")
        with shard.open("rb") as stream:
            decoded = [decode_instance(record) for _, record in read_records(stream, shard.name)]
        found.append([[names[i] for i in instance.input_ids[: instance.pieces]] for instance in decoded])
        for instance in decoded:
            assert not instance.input_ids[instance.pieces :].any()
    if masking == "dynamic":
        assert found[0] == found[1]
    else:  # which piece replaces one at random is drawn from ids
        assert [len(pieces) for pieces in found[0]] == [len(pieces) for pieces in found[1]]


def test_a_model_whose_pad_is_not_the_first_piece(
    tmp_path: Path, foreign_bert: Callable[..., Path], foreign_pieces: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A team could not go on from a published model, because its `pad_token_id` is 3."""
    from trainer.__main__ import main as trainer

    pieces = [*foreign_pieces[1:4], "[PAD]", *foreign_pieces[4:]]
    model = foreign_bert(tmp_path / "model", pieces=pieces, pad_token_id=3)
    assert trainer(["export", "--checkpoint", str(model), "--output", str(tmp_path / "export")]) == 0
    assert json.loads((tmp_path / "export" / "config.json").read_text())["pad_token_id"] == 3
    assert trainer(["fill_mask", "--model", str(tmp_path / "export"), "the [MASK] sat ."]) == 0
    assert "gap 1" in capsys.readouterr().out


ODD_NAMES = ["a\nb.txt", "[x].txt", "*.txt", "?.txt", "a\\b.txt", "u\u0308.txt", "ü.txt", "\u2028.txt", ".txt", "..txt"]
ODD_NAMES += [
    " .txt",
    "=.txt",
    "-.txt",
    "~.txt",
    "a%20b.txt",
    "file:.txt",
    "C:.txt",
    "#?.txt",
    "'\".txt",
    "x" * 250 + ".txt",
]
ODD_NAMES += ["a=b/=c/d.txt", "{}.txt", "$HOME.txt", "\x1b[31m.txt", "a.txt.txt", "a.gz.txt", "\udce9\udcff.txt"]


def test_any_file_name(tmp_path: Path, vocab_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A team whose files are named after page titles lost those with wildcards, blanks or slashes' look-alikes in them."""
    root = tmp_path / "raw"
    for name in ODD_NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("A text. It is short.")
    assert _segment(tmp_path / "folder", root) == 0
    assert _segment(tmp_path / "glob", f"{root}/**/*.txt") == 0
    assert _segment(tmp_path / "directly", *(root / name for name in ODD_NAMES)) == 0
    for output in ("folder", "glob", "directly"):
        assert _documents(tmp_path / output) == len(ODD_NAMES)
    monkeypatch.chdir(root)
    (root / "~draft.txt").write_text("A text .\nIt is short .\n\nAnother one .\nIt is short .\n")
    assert _segment(Path("~out"), "~draft.txt") == 0
    assert _instances(Path("~instances"), vocab_file, "~draft.txt") == 0
