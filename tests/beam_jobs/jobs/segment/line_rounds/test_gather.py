import numpy as np

from beam_jobs.jobs.segment.line_rounds.gather import read_forms
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import in_small_pieces, run_rounds, segmented


def test_the_forms_of_all_calls_are_sorted_together(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    texts = [f"Linje {'i' * (i % 50)}.\nLinje {'o' * (i % 25)}." for i in range(400)]
    job, rows = segmented(tmp_path, texts)
    done = run_rounds(job, rows)
    (row,) = done["gathered"]
    assert len(done["forms"]) > 1
    assert row["forms"] == sum(call["forms"] for call in done["forms"]) == 74  # "Linje ." is one
    parts = list(read_forms(row["forms"], job.output))
    assert len(parts) == -(-74 // 7)
    keys = np.concatenate(parts)["key"]
    assert (keys[1:] > keys[:-1]).all()
    assert [count for _, count in row["texts"]] == [16] * 20
