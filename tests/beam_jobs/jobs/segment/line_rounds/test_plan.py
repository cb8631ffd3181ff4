import numpy as np

from beam_jobs.jobs.segment.duplicate_rounds.plan import read_cuts, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.read_keys import read_keys
from beam_jobs.jobs.segment.key_files.line_lists import LINE_KEY
from beam_jobs.jobs.segment.line_rounds import plan
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import in_small_pieces, segmented


def test_the_calls_have_all_lines_and_the_groups_all_sections(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    job, rows = segmented(
        tmp_path, [f"Linje {i}.\nOrd og {'o' * i}.\nEnda en." for i in range(600)], ["dev", "train"] * 300
    )
    row = plan.write_line_plan(rows, job)
    made = read_plan_of_rounds(job.output, plan.STEP)
    sections = [section for row in rows for section in row["keys"]["sections"]]
    assert (made.documents, made.key_ranges, made.bands) == (600, row["calls"], 0)
    assert row["calls"] == 8
    cuts = np.stack([read_cuts(call, job.output, plan.STEP) for call in range(row["calls"])])
    assert (cuts[1:, 0] == cuts[:-1, 1]).all()
    assert (cuts[-1, 1] - cuts[0, 0]).sum() == sum(lines for *_, lines in sections) * 18 == 1800 * 18
    assert made.groups[0] == 0
    assert made.groups[-1] == len(sections)
    sizes = np.diff(made.group_begins)
    assert len(sizes) == row["groups"] > 4
    assert sizes.max() <= 70 + 20


def test_parts_by_rank_have_about_equally_many_lines(tmp_path, monkeypatch):
    """Though the first in rank order are long, with many lines each."""
    in_small_pieces(monkeypatch)
    texts = ["\n".join(f"Linje {'i' * j}." for j in range(1 + i % 40)) for i in range(400)]
    job, rows = segmented(tmp_path, texts, contained=0.8)
    plan.write_line_plan(rows, job)
    made = read_plan_of_rounds(job.output, plan.STEP)
    ranks = np.concatenate(
        [
            found.ranks
            for call in range(made.key_ranges)
            for found in read_keys(made, call, job.output, LINE_KEY, plan.STEP)
        ]
    )
    in_parts = np.bincount(np.searchsorted(made.rank_cuts, ranks, side="right"))
    assert len(in_parts) > 40
    assert in_parts.max() < 450


def test_many_lines_make_more_groups(monkeypatch):
    monkeypatch.setattr(plan, "_GROUP_LINES", 100)
    begins, lines_before = np.array([0, 1, 2, 3, 4]), np.array([0, 60, 250, 280])
    assert plan._groups(begins, lines_before).tolist() == [0, 2, 4]
    assert plan._groups(np.array([0]), np.empty(0, np.int64)).tolist() == [0]
