import numpy as np

from beam_jobs.jobs.segment.duplicate_rounds.plan import read_plan_of_rounds
from beam_jobs.jobs.segment.key_files.document_rank import documents_of
from beam_jobs.jobs.segment.line_rounds import plan
from beam_jobs.jobs.segment.line_rounds.shared import read_shared
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import (
    form_of,
    in_small_pieces,
    lines_of,
    run_rounds,
    segmented,
)


def test_lines_of_six_words_in_two_documents_by_rank(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    texts = [
        f"En linje av seks ord {'o' * (i % 90 + 1)}.\nBare fire ord her.\nAv mange ord, men {'i' * i} alene."
        for i in range(1, 400)
    ]
    job, rows = segmented(tmp_path, texts, contained=0.8)
    done = run_rounds(job, rows)["shared"]
    made = read_plan_of_rounds(job.output, plan.STEP)
    assert len(done) > 1
    assert max(len(row["chunks"]) for row in done) > 1
    parts = [read_shared(done, part, job.output) for part in range(len(made.rank_cuts) + 1)]
    lines = np.concatenate(parts)
    assert (np.diff(lines["rank"]) >= 0).all()
    first = {i: form_of(lines_of(text)[0]) for i, text in enumerate(texts)}
    assert sorted(documents_of(lines["rank"]).tolist()) == sorted(first)
    assert set(lines["words"].tolist()) == {6}
    by_form: dict[int, set] = {}
    for rank, form, _ in lines.tolist():
        by_form.setdefault(form, set()).add(first[rank & 0xFFFFFFFF])
    assert all(len(forms) == 1 for forms in by_form.values())
    assert len(by_form) == sum(row["forms"] for row in done)


def test_nothing_is_shared(tmp_path):
    job, rows = segmented(tmp_path, ["En linje av seks ord her.", "En annen linje av seks ord."], contained=0.8)
    (row,) = run_rounds(job, rows)["shared"]
    assert (row["forms"], row["chunks"]) == (0, [])
    assert len(read_shared([row], 0, job.output)) == 0
