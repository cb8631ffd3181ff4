"""What documents lose, as it stands in the intermediate texts and in `filtered`."""

import json

from beam_jobs import storage
from beam_jobs.jobs.segment.duplicate_rounds.lost_text import lost_bytes_left_out, lost_texts
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import in_small_pieces, run_rounds, segmented


def kept_texts(job, rows, cut_rows) -> list[str]:
    """What is left of each document that has something left, in the order of the blocks."""
    lost = lost_texts(cut_rows)
    kept = b""
    for row in rows:
        data = storage.read_bytes(storage.join(job.output, row["text"]))
        of_split: dict[str, int] = {}
        for block in row["blocks"]:
            number = of_split[block["split"]] = of_split.get(block["split"], -1) + 1
            text = data[block["offset"] : block["offset"] + block["bytes"]]
            here = lost.get((row["index"], block["split"], number))
            left = lost_bytes_left_out(here, job.output)(text)
            assert len(left) == len(text) - (here.bytes if here else 0)
            assert left.count(b"\n\n") == block["documents"] - (here.documents if here else 0)
            kept += left
    return kept.decode().split("\n\n")[:-1]


def test_lines_at_any_place_and_whole_documents(tmp_path):
    texts = ["Menyen\nEn tekst. Og to.\nMenyen", "Menyen\nSlutt 9", "Bare denne.\n\nSlutt 1", "Slutt 4", "Alene."]
    job, rows = segmented(tmp_path, texts)
    (row,) = run_rounds(job, rows)["cut"]
    assert kept_texts(job, rows, [row]) == ["En tekst.\nOg to.", "Bare denne.", "Alene."]
    lines = [json.loads(line) for line in (tmp_path / "out" / row["filtered"]).read_text().splitlines()]
    assert [(line["id"], line["reason"]) for line in lines] == [
        ("d1", "only_repeated_lines"),
        ("d3", "only_repeated_lines"),
    ]
    assert row["documents"] == {}
    counts = row["counts"]
    assert counts["filtered"] == {"only_repeated_lines": 2}
    assert counts["splits"] == {"default": {"num_documents": -2, "num_sentences": -6}}
    assert counts["repeated_lines_left_out"] == {"lines": 6, "bytes": 7 * 3 + 8 * 3 + 2, "documents": 4}
    assert list(counts["sources"].values()) == [{"documents": -2, "sentences": -6, "bytes_out": -47, "filtered": 2}]
    assert counts["sentence_length_log2"] == [0, 0, 0, -6]


def test_the_longest_document_keeps_its_line(tmp_path):
    texts = ["Menyen\nEn tekst. Og to.\nMenyen", "Menyen\nSlutt", "Menyen"]
    job, rows = segmented(tmp_path, texts, repeated_lines_keep="longest")
    assert kept_texts(job, rows, run_rounds(job, rows)["cut"]) == ["Menyen\nEn tekst.\nOg to.\nMenyen", "Slutt"]


def test_many_sections_groups_and_blocks(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    texts = [f"Menyen\nTekst {'i' * i}. Mer.\n{'Slutt' if i % 3 else 'Bunn'} {i % 10}\n" for i in range(300)]
    texts[40:140:2] = ["Menyen"] * 50
    job, rows = segmented(tmp_path, texts, repeated_lines=50)
    cut = run_rounds(job, rows)["cut"]
    assert len(cut) > 3
    assert sorted(kept_texts(job, rows, cut)) == sorted(
        f"Tekst {'i' * i}.\nMer." for i in range(300) if texts[i] != "Menyen"
    )


def test_an_untouched_group_writes_nothing(tmp_path):
    job, rows = segmented(tmp_path, ["Ja.", "Nei."])
    (row,) = run_rounds(job, rows)["cut"]
    assert (row["blocks"], row["filtered"], row["counts"]) == ([], "", {})


def test_hostile_documents(tmp_path):
    """A line of 10 MB, and 300,000 lines of one word in one document: time is linear."""
    job, rows = segmented(tmp_path, ["ord " * 2_500_000, "x\n" * 300_000, "x"], max_rejected=1.0)
    (row,) = run_rounds(job, rows)["cut"]
    assert row["counts"]["repeated_lines_left_out"]["lines"] == 300_001
    assert row["counts"]["filtered"] == {"only_repeated_lines": 2}


def test_no_documents(tmp_path):
    job, rows = segmented(tmp_path, ["", " "], max_rejected=1.0)
    assert run_rounds(job, rows)["cut"] == []
