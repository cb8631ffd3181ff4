"""Documents that got lost between the files and the corpus: weighed by what was lost, and told at the end."""

import gzip
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.__main__ import main

Capture = pytest.CaptureFixture[str]
WORDS = [f"{a}{b}" for a in ("ber", "fjel", "hav", "ny", "stor", "vin") for b in ("get", "let", "net", "sen", "te")]


def _records(count: int, name: str) -> list[dict[str, str]]:
    random_state = random.Random(name)
    return [{"id": f"{name}{i}", "text": " ".join(random_state.choices(WORDS, k=30)) + "."} for i in range(count)]


def _jsonl(path: Path, count: int) -> bytes:
    data = b"".join(json.dumps(record).encode() + b"\n" for record in _records(count, path.name))
    path.write_bytes(data)
    return data


def _segment(folder: Path, *more: str) -> int:
    return main(["segment", "--input", str(folder / "in"), "--output", str(folder / "out"), *more])


def _documents(folder: Path) -> int:
    return json.loads((folder / "out" / "corpus_stats.json").read_text())["documents"]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with an input folder that holds 300 good documents."""
    (tmp_path / "in").mkdir()
    _jsonl(tmp_path / "in" / "b.jsonl", 300)
    return tmp_path


def test_plain_text_under_a_compressed_name_is_read(small: Path, capsys: Capture) -> None:
    """A team whose crawler saved plain text under .gz names lost the whole file."""
    _jsonl(small / "in" / "a.jsonl.gz", 2000)
    assert _segment(small) == 0
    assert _documents(small) == 2300
    assert "note: not compressed as its name says, read as plain data: a.jsonl.gz" in capsys.readouterr().out


def test_a_file_cut_by_a_broken_download_is_not_passed_over(small: Path, capsys: Capture) -> None:
    """A team whose download broke after a tenth of the archive trained on the tenth."""
    data = gzip.compress(_jsonl(small / "in" / "a.jsonl", 20_000))
    (small / "in" / "a.jsonl").unlink()
    (small / "in" / "a.jsonl.gz").write_bytes(data[: len(data) // 10])
    assert _segment(small) == 2
    error = capsys.readouterr().err
    assert "of the input" in error
    assert "1 damaged_file" in error
    assert "fetch the damaged files again" in error
    assert _segment(small, "--max_rejected", "0.6") == 0
    assert 300 < _documents(small) < 3000
    out = capsys.readouterr().out
    assert "set aside: 1 documents (1 damaged_file of " in out
    assert f"see {small}/out/rejected" in out


LAYOUTS = {
    "objects without newlines": lambda records: "".join(map(json.dumps, records)),
    "an array on one line": json.dumps,
    "an indented array": lambda records: json.dumps(records, indent=2),
    "indented objects": lambda records: "\n".join(json.dumps(record, indent=2) for record in records),
    "carriage returns": lambda records: "\r".join(map(json.dumps, records)),
    "a comma after each": lambda records: ",\n".join(map(json.dumps, records)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.json.gz"])
def test_json_that_is_not_an_object_a_line_is_read(small: Path, capsys: Capture, layout: str, name: str) -> None:
    """A team whose exporter wrote an array, or objects one after the other, lost the whole file as one broken line."""
    records = _records(8000 if name == "a.jsonl" else 500, "a")
    data = LAYOUTS[layout](records).encode()
    (small / "in" / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert _segment(small) == 0
    assert _documents(small) == 300 + len(records)
    assert "set aside" not in capsys.readouterr().out


def test_the_description_of_a_data_set_is_no_document(small: Path, capsys: Capture) -> None:
    """A team that downloads data sets has their descriptions as .json beside the documents."""
    (small / "in" / "dataset_info.json").write_text('{"splits": {"train": {"num_examples": 300}}}')
    assert _segment(small, "--max_rejected", "0") == 0
    assert _documents(small) == 300
    assert "passed over as no document: dataset_info.json" in capsys.readouterr().out


def test_a_json_file_whose_text_has_another_name_is_not_taken_for_a_description(small: Path, capsys: Capture) -> None:
    """A team that named the wrong field is told which fields there are, whatever the file is called."""
    (small / "in" / "b.jsonl").unlink()
    (small / "in" / "a.json").write_text(json.dumps([{"body": "Et hus."}] * 10))
    assert _segment(small) == 2
    error = capsys.readouterr().err
    assert "10 text_missing" in error
    assert "among body" in error
    (small / "in" / "a.json").write_text(json.dumps({"body": "Et hus."}))
    assert main(["segment", "--input", str(small / "in"), "--output", str(small / "out2")]) == 2
    assert "a field text (--text_field), passed over as no document: a.json" in capsys.readouterr().err


def test_parquet_rows_without_text_are_read_by_their_paragraphs(small: Path) -> None:
    """A team whose library publishes some texts whole and others by paragraphs lost the latter."""
    rows = [{"text": None, "paragraphs": [{"text": "Et hus."}, {"text": "To hus."}]}] * 50
    rows += [{"text": "Tre hus.", "paragraphs": None}] * 50
    pq.write_table(pa.Table.from_pylist(rows), small / "in" / "a.parquet")
    assert _segment(small) == 0
    assert _documents(small) == 400
    text = "".join(path.read_text() for path in (small / "out").glob("sentences-*.txt"))
    assert text.count("Et hus.\nTo hus.\n\n") == 50


def test_many_json_files_of_another_field_are_not_descriptions(small: Path, capsys: Capture) -> None:
    """A team that saves each article as a .json file of its own, its text in "body", lost them all beside other text."""
    for i in range(6):
        (small / "in" / f"article{i}.json").write_text(json.dumps({"body": f"Et hus, nr. {i}."}))
    assert _segment(small) == 2
    error = capsys.readouterr().err
    assert "6 .json files hold no document beside 300 that were kept" in error
    assert "--text_field" in error


def test_a_file_that_holds_something_else_is_not_passed_over(small: Path, capsys: Capture) -> None:
    """A team whose server answered with one long error page instead of the file never saw that it was missing."""
    (small / "in" / "a.jsonl").write_bytes(b"<html>" + b"<p>Not found</p>" * 10_000 + b"</html>\n")
    assert _segment(small) == 2
    error = capsys.readouterr().err
    assert "160.0 kB of 2" in error
    assert "1 broken_json" in error


def test_the_vocabulary_is_guarded_as_the_corpus_is(small: Path, capsys: Capture) -> None:
    """A team learned its vocabulary from the part of the corpus that happened to be readable."""
    (small / "in" / "a.jsonl.gz").write_bytes(gzip.compress(_jsonl(small / "in" / "a.jsonl", 5000))[:20_000])
    (small / "in" / "a.jsonl").unlink()
    arguments = ["vocabulary", "--input", str(small / "in"), "--output", str(small / "out"), "--vocab_size", "200"]
    assert main(arguments) == 2
    assert "1 damaged_file" in capsys.readouterr().err
    assert not (small / "out" / "vocab.txt").exists()
    assert main([*arguments, "--max_rejected", "0.9"]) == 0
    assert "set aside: 1 documents (1 damaged_file of " in capsys.readouterr().out


def test_a_clean_corpus_ends_without_a_word_of_it(small: Path, capsys: Capture) -> None:
    """A reader of many logs wants a line about lost documents only where some were lost."""
    assert _segment(small) == 0
    out = capsys.readouterr().out
    assert "300 documents" in out
    for word in ("set aside", "repaired", "note:"):
        assert word not in out
