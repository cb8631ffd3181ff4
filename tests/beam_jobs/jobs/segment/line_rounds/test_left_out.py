import numpy as np

from beam_jobs.jobs.segment.duplicate_rounds.choice import read_choice
from beam_jobs.jobs.segment.line_rounds import left_out
from beam_jobs.jobs.segment.line_rounds.left_out import LeftOut, mark_left_out
from beam_jobs.jobs.segment.line_rounds.plan import write_line_plan
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import run_rounds
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import segmented


def test_documents_that_are_removed_as_copies_are_marked(tmp_path, monkeypatch):
    monkeypatch.setattr(left_out, "_CHUNK", 8)
    texts = [f"Side {i % 7} er {'lang ' * (i % 7)}" for i in range(21)]
    job, rows = segmented(tmp_path, texts, duplicates="exact")
    done = run_rounds(job, rows)
    plan = write_line_plan(rows, job)
    mark_left_out([*done["kept"], *done["removed"]], plan["content"], job)
    chosen, _ = read_choice(0, 21, 21, job.output)
    assert (
        LeftOut(21, job.output)(np.arange(21)).tolist()
        == (chosen != np.arange(21)).tolist()
        == [False] * 7 + [True] * 14
    )


def test_without_such_documents_nothing_is_marked(tmp_path):
    job, rows = segmented(tmp_path, ["Ja."] * 3, duplicates="count")
    mark_left_out([], write_line_plan(rows, job)["content"], job)
    assert not LeftOut(3, job.output)(np.arange(3)).any()
