import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.errors import UserError
from beam_jobs.jobs.segment.filters.where import where_lines
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.settings import SegmentSettings

RECORDS = [
    {"id": "good", "text": "Den gode.", "ocr_confidence": 0.95},
    {"id": "bad", "text": "Den daarlige.", "ocr_confidence": 0.5},
    {"id": "without", "text": "Den uten."},
    {
        "id": "some",
        "ocr_confidence": 0.9,
        "paragraphs": [{"text": "Beholdt.", "conf": 1}, {"text": "Tapt.", "conf": 0.1}],
    },
    {"id": "none", "ocr_confidence": 0.99, "paragraphs": [{"text": "Tapt.", "conf": 0.1}]},
]
WHERE = ("ocr_confidence>=0.9", "paragraphs.conf>=0.5")


def run(tmp_path, *files, where=WHERE, **changes):
    """(the sentences, {id: detail} of what was left out, the statistics)"""
    output = tmp_path / "out"
    options = {"duplicates": "off", "max_num_cpus": 1, **changes}
    run_segment(SegmentSettings(tuple(map(str, files)), str(output), where=where, **options))
    stats = json.loads((output / "corpus_stats.json").read_text())
    told = [
        json.loads(line) for path in output.glob("filtered/where-*.jsonl") for line in path.read_text().splitlines()
    ]
    text = "".join(path.read_text() for path in sorted(output.glob("sentences-*.txt")))
    return text.split(), {one["id"]: one["detail"] for one in told}, stats


def json_lines(tmp_path, records=RECORDS):
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return tmp_path / "a.jsonl"


def test_documents_and_paragraphs_are_left_out_and_counted(tmp_path, capsys):
    words, left_out, stats = run(tmp_path, json_lines(tmp_path))
    assert words == ["Den", "gode.", "Den", "uten.", "Beholdt."]
    assert left_out == {"bad": "ocr_confidence is '0.5', not >=0.9", "none": "no paragraph is left"}
    assert stats["filtered"]["where"]["documents"] == 2
    assert (stats["documents"], stats["num_rejected"]) == (3, 0)
    assert stats["conditions"] == {
        "ocr_confidence>=0.9": {"left_out": 1, "without": 1},
        "paragraphs.conf>=0.5": {"left_out": 2, "without": 3},
    }
    printed = capsys.readouterr().out
    assert "where ocr_confidence>=0.9: 1 documents left out; 1 without such a field were kept" in printed
    assert "where paragraphs.conf>=0.5: 2 paragraphs left out" in printed


def test_without_conditions_nothing_is_left_out(tmp_path):
    words, left_out, stats = run(tmp_path, json_lines(tmp_path), where=())
    assert (words.count("Tapt."), left_out) == (2, {})
    assert "conditions" not in stats
    assert where_lines(stats) == []


@pytest.mark.parametrize("form", ["parquet", "csv", "arrow"])
def test_columns_of_tables(tmp_path, form):
    file = tmp_path / f"a.{form}"
    if form == "csv":
        file.write_text("text,n,more\nEn.,1,x\nTo.,2,x\nTre.,,x\n")
    else:
        table = pa.table(
            {"text": ["En.", "To.", "Tre."], "n": [1, 2, None], "more": [{"x": "a"}, {"x": "a"}, {"x": "b"}]}
        )
        if form == "parquet":
            pq.write_table(table, file)
        else:
            with pa.ipc.new_stream(file, table.schema) as stream:
                stream.write_table(table)
    words, left_out, stats = run(tmp_path, file, where=("n>1",))
    assert words == ["To.", "Tre."]
    assert len(left_out) == 1
    assert stats["conditions"] == {"n>1": {"left_out": 1, "without": 1}}


def test_columns_that_hold_objects(tmp_path):
    table = pa.table({"text": ["En.", "To."], "more": [{"x": "a"}, {"x": "b"}]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert run(tmp_path, tmp_path / "a.parquet", where=("more.x=='b'",))[0] == ["To."]


def test_files_without_fields_are_kept(tmp_path):
    (tmp_path / "a.txt").write_text("Bare tekst.")
    words, _, stats = run(tmp_path, tmp_path / "a.txt")
    assert words == ["Bare", "tekst."]
    assert {name: found["without"] for name, found in stats["conditions"].items()} == dict.fromkeys(
        stats["conditions"], 1
    )


def test_conditions_that_leave_nothing_are_an_error_that_names_them(tmp_path):
    with pytest.raises(UserError, match="most of them by where"):
        run(tmp_path, json_lines(tmp_path, RECORDS[1:2]))
