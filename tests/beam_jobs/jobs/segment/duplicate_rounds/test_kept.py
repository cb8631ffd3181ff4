import numpy as np

from beam_jobs.jobs.segment.duplicate_rounds import kept
from beam_jobs.jobs.segment.duplicate_rounds.kept import read_kept
from beam_jobs.jobs.segment.duplicate_rounds.plan import read_plan_of_rounds
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import in_small_pieces, job_in, run_rounds, write_corpus


def test_each_removed_document_is_told_of_its_kept_one_in_another_group(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    texts = [f"side nummer {i % 130}" + "!" * (i // 130) for i in range(390)]
    job = job_in(tmp_path, "exact")
    rows = run_rounds(job, write_corpus(job, texts)[0])["kept"]
    plan = read_plan_of_rounds(job.output)
    told = {}
    for group in range(len(plan.groups) - 1):
        begin, end = plan.group_begins[group : group + 2]
        of_group = read_kept(plan, group, job.output)
        assert all(begin <= document < end for document in of_group)
        told |= of_group
    assert sum(row["groups"] for row in rows) == 130
    assert max(row["largest_group"] for row in rows) == 3
    assert told == {i: (f"id{k}", f"s{k % 2}.txt", f"s{k % 2}", k) for i in range(260) for k in [260 + i % 130]}


def test_lines_in_small_pieces_are_the_same(tmp_path, monkeypatch):
    texts = [f"side {i % 3}" + "!" * (i // 30) for i in range(60)]
    contents = []
    for number in (100_000, 1, 7):
        monkeypatch.setattr(kept, "_LINES_AT_ONCE", number)
        job = job_in(tmp_path / str(number), "exact")
        run_rounds(job, write_corpus(job, texts)[0])
        contents.append((tmp_path / str(number) / "_work/kept/000000.bin").read_bytes())
    assert contents[0] == contents[1] == contents[2]


def test_digits():
    numbers = [0, 1, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 2**32 - 1]
    assert kept._digits(np.array(numbers, np.uint32)).tolist() == [len(str(number)) for number in numbers]
