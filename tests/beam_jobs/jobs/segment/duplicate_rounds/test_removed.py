import json

from beam_jobs.jobs.segment.duplicate_rounds.removed import read_runs, read_source_pairs
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import job_in, run_rounds, write_corpus

TEXTS = ["ett to", "Ett to!", "tre", "Tre.", "ETT TO!!", "fire"]


def test_lines_counts_and_bytes_of_the_removed(tmp_path):
    job = job_in(tmp_path, "exact")
    splits = ["train", "dev", "train", "train", "train", "train"]
    (row,) = run_rounds(job, write_corpus(job, TEXTS, splits, ranges=1)[0])["removed"]
    lines = (tmp_path / "filtered/duplicate_exact-00000-of-00001.jsonl").read_text().splitlines()
    kept_by = {"id0": "id1", "id2": "id3", "id4": "id1"}
    assert {line["id"]: line["kept_id"] for line in map(json.loads, lines)} == kept_by
    assert json.loads(lines[1]) == {
        "source": "s0.txt",
        "offset": 2,
        "reason": "duplicate_exact",
        "detail": "",
        "id": "id2",
        "size": 3,
        "kept_id": "id3",
        "kept_source": "s1.txt",
        "kept_offset": 3,
        "shared_bands": 0,
    }
    assert row["documents"] == {"duplicate_exact": 3}
    assert row["counts"] == {
        "documents_without_language_rules": {},
        "filtered": {"duplicate_exact": 3},
        "filtered_bytes": {"duplicate_exact": 17},
        "sentence_length_log2": [0, 0, -1, -1, -1],
        "sources": {"s0": {"bytes_out": -17, "documents": -3, "filtered": 3, "sentences": -3}},
        "splits": {"train": {"num_documents": -3, "num_sentences": -3}},
    }
    assert read_source_pairs(0, job.output) == {("s1", "s0"): 3}
    ((number, split, block, size, documents, sentences, offset, runs),) = row["blocks"]
    assert (number, split, block, size, documents, sentences) == (0, "train", 0, 17, 3, 3)
    starts = [sum(map(len, TEXTS[:i])) for i in range(6)]
    expected = [(starts[i], starts[i + 1]) for i in (0, 2, 4)]
    assert read_runs(round_file("removed", 0, job.output), offset, runs).tolist() == expected


def test_removed_documents_in_a_row_are_one_run(tmp_path):
    job = job_in(tmp_path, "exact")
    (row,) = run_rounds(job, write_corpus(job, ["a!"] + ["a"] * 5 + ["b"] + ["a"], ranges=1)[0])["removed"]
    ((*_, offset, runs),) = row["blocks"]
    assert read_runs(round_file("removed", 0, job.output), offset, runs).tolist() == [(2, 7), (8, 9)]
