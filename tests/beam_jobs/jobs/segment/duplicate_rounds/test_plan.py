import itertools
import random

import numpy as np

from beam_jobs.jobs.segment.duplicate_rounds import plan as plans
from beam_jobs.jobs.segment.duplicate_rounds.plan import read_cuts, read_plan_of_rounds, write_plan_of_rounds
from beam_jobs.jobs.segment.key_files.document_rank import pack_rank, whole_ranks
from tests.beam_jobs.duplicates.planted import documents
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import in_small_pieces, job_in, write_corpus


def corpus(tmp_path, count=300, mode="near"):
    job = job_in(tmp_path, mode)
    return job, write_corpus(job, documents(count, random.Random(1), 5, 50))[0]


def test_the_sections_follow_each_other(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    job, rows = corpus(tmp_path)
    row = write_plan_of_rounds(rows, job)
    plan = read_plan_of_rounds(job.output)
    sections = [(r["index"], offset, n) for r in rows for n, offset in r["keys"]["sections"]]
    assert list(zip(plan.ranges, plan.offsets, np.diff(plan.begins), strict=True)) == sections
    assert plan.documents == row["documents"] == 300
    assert (row["key_ranges"], row["bands"]) == (plan.key_ranges, plan.bands) == (4, 32)
    assert plan.group_begins[0] == 0
    assert plan.group_begins[-1] == 300
    assert (np.diff(plan.group_begins) <= 90 + 21).all()
    assert row["groups"] == len(plan.groups) - 1 == 4
    assert plan.key_file(0, job.output).endswith("_work/keys/000000.bin")


def test_the_ranks_are_cut_into_about_equal_parts(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    monkeypatch.setattr(plans, "_PART_DOCUMENTS", 50)
    job, rows = corpus(tmp_path, 1000)
    assert write_plan_of_rounds(rows, job)["parts"] == 20
    cuts = read_plan_of_rounds(job.output).rank_cuts
    lengths = [len(text.encode()) for text in documents(1000, random.Random(1), 5, 50)]
    ranks = whole_ranks(np.array([pack_rank("default", n) for n in lengths]), np.arange(1000))
    sizes = np.diff([0, *np.searchsorted(np.sort(ranks), cuts), 1000])
    assert sizes.sum() == 1000
    assert sizes.max() <= 75


def test_the_calls_of_a_list_read_all_of_it(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    job, rows = corpus(tmp_path)
    write_plan_of_rounds(rows, job)
    cuts = [read_cuts(call, job.output) for call in range(33 * 4)]
    assert all((a[1] == b[0]).all() for a, b in itertools.pairwise(cuts))
    assert sum(int((c[1] - c[0]).sum()) for c in cuts[:4]) == 300 * 24
    assert sum(int((c[1] - c[0]).sum()) for c in cuts[8:12]) == 300 * 16


def test_a_small_corpus_is_one_call_each(tmp_path):
    job, rows = corpus(tmp_path, 30, "exact")
    row = write_plan_of_rounds(rows, job)
    assert [row[name] for name in ("documents", "key_ranges", "bands", "parts", "groups")] == [30, 1, 0, 1, 1]


def test_an_empty_corpus(tmp_path):
    job, rows = corpus(tmp_path, 0)
    row = write_plan_of_rounds(rows, job)
    assert [row[name] for name in ("documents", "key_ranges", "parts", "groups")] == [0, 1, 1, 0]
    assert read_plan_of_rounds(job.output).documents == 0


def test_the_plan_is_written_once_for_the_same_keys(tmp_path):
    job, rows = corpus(tmp_path, 30)
    first = write_plan_of_rounds(rows, job)
    assert write_plan_of_rounds(rows, job) == first
    rows[0]["keys"]["crc32c"] = "00000000"
    assert write_plan_of_rounds(rows, job)["content"] != first["content"]
