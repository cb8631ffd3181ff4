"""What is read of evaluation files: the strings of any task, and nothing left out in silence."""

import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs import storage
from beam_jobs.documents.evaluation_texts import evaluation_files, evaluation_texts
from beam_jobs.errors import UserError
from beam_jobs.settings import SegmentSettings

SQUAD = {
    "version": "1.1",
    "data": [{"title": "Oslo", "paragraphs": [{"context": "Oslo er en by.", "qas": [{"question": "Hva er Oslo?"}]}]}],
}


def texts_in(path: Path, **settings) -> list[str]:
    (file,) = evaluation_files([str(path)], "--decontaminate")
    return list(evaluation_texts(file, SegmentSettings(**settings), "--decontaminate"))


@pytest.mark.parametrize("indent", [None, 2])
def test_all_strings_of_a_squad_file(tmp_path: Path, indent: int | None) -> None:
    (tmp_path / "squad.json").write_text(json.dumps(SQUAD, indent=indent))
    assert texts_in(tmp_path / "squad.json") == ["1.1", "Oslo", "Oslo er en by.", "Hva er Oslo?"]


def test_all_strings_of_jsonl_records_in_their_order_compressed_or_not(tmp_path: Path) -> None:
    lines = '{"premise": "a", "hypothesis": ["b", {"c": "d"}], "label": 1}\n\n{"text": null}\n["e"]\n'
    (tmp_path / "a.jsonl").write_text(lines)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    assert texts_in(tmp_path / "a.jsonl") == texts_in(tmp_path / "b.jsonl.gz") == ["a", "b", "d", "e"]


def test_all_strings_of_parquet_columns(tmp_path: Path) -> None:
    table = pa.table({"q": ["a", None], "answers": [[{"text": "b"}], []], "id": [1, 2]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert texts_in(tmp_path / "a.parquet") == ["a", "b"]


def test_cells_of_tables(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text('s1\ts2\n"one\ttwo, three\n')
    (tmp_path / "b.csv").write_text('\ufeffs1,s2\n"one, and\nmore",two\n')
    (tmp_path / "c.csv").write_text("s1;s2\none, and;two\n")
    assert [text.strip() for text in texts_in(tmp_path / "a.tsv")] == ["s1", "s2", '"one', "two, three"]
    assert texts_in(tmp_path / "b.csv") == ["s1", "s2", "one, and\nmore", "two"]
    assert texts_in(tmp_path / "c.csv") == ["s1", "s2", "one, and", "two"]


def test_documents_of_text_files_as_documents_are(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n\nthree\n")
    assert len(texts_in(tmp_path / "a.txt")) == 1
    assert len(texts_in(tmp_path / "a.txt", documents_are="lines")) == 3


def test_files_of_a_folder_sorted(tmp_path: Path) -> None:
    for name in ("b.tsv", "a.jsonl", "c.txt"):
        (tmp_path / name).write_text("{}\n")
    assert [file.name for file in evaluation_files([str(tmp_path)], "--x")] == ["a.jsonl", "b.tsv", "c.txt"]


def test_files_in_stores(bucket: str) -> None:
    table = io.BytesIO()
    pq.write_table(pa.table({"q": ["a", "b"]}), table)
    for name, data in (("q.parquet", table.getvalue()), ("a.jsonl.gz", gzip.compress(b'["c"]\n')), ("t.tsv", b"d\te")):
        storage.write_atomically(f"{bucket}/held/{name}", data)
    files = evaluation_files([f"{bucket}/held"], "--x")
    texts = {file.name: list(evaluation_texts(file, SegmentSettings(), "--x")) for file in files}
    assert texts == {"a.jsonl.gz": ["c"], "q.parquet": ["a", "b"], "t.tsv": ["d", "e"]}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"text": "a"\n', "--decontaminate a.jsonl: at 0: "),
        (
            "a.jsonl.gz",
            gzip.compress(b'{"text": "a"}\n' * 99, mtime=0)[:-9],
            "--decontaminate a.jsonl.gz: cannot be read",
        ),
        ("a.parquet", b"PAR1", "--decontaminate a.parquet: cannot be read"),
        ("a.txt", b"\x00\x01\x02\x03" * 999, "--decontaminate a.txt: at 0: "),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        texts_in(tmp_path / name)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_named_with_the_flag(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^--decontaminate .*none\.jsonl matches no file"):
        evaluation_files([str(tmp_path / "none.jsonl")], "--decontaminate")
