import json

from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.jobs.segment.filters.furniture import furniture_batch, furniture_lines
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings

PARTS = [
    "Det var i den tiden jeg gikk omkring",
    "og sultet i denne forunderlige by som",
    "ingen forlater før han har fått merker",
    "av den, og jeg lå våken på min kvist",
]


def judged(*texts, pages=3):
    batch = DocumentBatch([Document(str(i), text, "nb", "a", i) for i, text in enumerate(texts)], list(texts))
    return furniture_batch(batch, SegmentSettings(("a",), "b", page_furniture=pages))


def book(gap="\n"):
    """Pages of two lines, each with a running head and a number."""
    pages = [f"Knut Hamsun{gap}{PARTS[i % 4]}\nmed side {chr(97 + i)}{gap}{i + 1}" for i in range(5)]
    return gap.join(pages)


def test_furniture_is_left_out_and_counted():
    batch, emptied, counts = judged(book(), "Uten noe.\nSlikt.")
    assert batch.texts[0] == "\n".join(f"{PARTS[i % 4]}\nmed side {chr(97 + i)}" for i in range(5))
    assert batch.texts[1] == "Uten noe.\nSlikt."
    assert (emptied, counts) == ([], {"furniture": {"lines": 10, "documents": 1}})


def test_blank_lines_go_where_a_sentence_goes_on():
    batch, _, _ = judged(book("\n\n"))
    assert f"med side a\n{PARTS[1]}" in batch.texts[0]
    assert f"med side d\n\n\n\n{PARTS[0]}" in batch.texts[0]  # a capital: it may be a paragraph


def test_a_document_of_nothing_else_is_told():
    batch, emptied, counts = judged("12\n\n\n" * 5, "tekst")
    assert emptied == [0]
    assert counts["furniture"] == {"lines": 5, "documents": 1}
    assert batch.texts[1] == "tekst"


def test_without_the_setting_nothing_happens():
    batch, emptied, counts = judged(book(), pages=0)
    assert (batch.texts, emptied, counts) == ([book()], [], {})
    assert furniture_lines({}) == []


def test_a_corpus(tmp_path, capsys):
    rows = [
        {"id": "book", "text": book()},
        {"id": "numbers", "text": "12\n\n\n" * 5},
        {"id": "other", "text": "Annet."},
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "out"
    run_segment(
        SegmentSettings((str(tmp_path / "a.jsonl"),), str(out), page_furniture=3, duplicates="off", max_num_cpus=1)
    )
    stats = json.loads((out / "corpus_stats.json").read_text())
    assert stats["furniture"] == {"lines": 15, "documents": 2}
    assert stats["filtered"]["page_furniture"]["documents"] == 1
    assert "Hamsun" not in "".join(path.read_text() for path in out.glob("sentences-*.txt"))
    assert "running heads and page numbers: 15 lines left out of 2 documents" in capsys.readouterr().out
