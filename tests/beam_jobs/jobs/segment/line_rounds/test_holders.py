from beam_jobs.jobs.segment.duplicate_rounds.kept import read_kept
from beam_jobs.jobs.segment.duplicate_rounds.plan import read_plan_of_rounds
from beam_jobs.jobs.segment.line_rounds import holders, plan
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import in_small_pieces, run_rounds, segmented
from tests.beam_jobs.jobs.segment.line_rounds.test_contained import pages


def test_the_place_of_the_holder_is_told_to_the_group_of_the_contained(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    texts = pages(150, lines=2)
    texts += [f"{text}\nMer." for text in texts]
    job, rows = segmented(tmp_path, texts, contained=0.8)
    done = run_rounds(job, rows)["holders"]
    assert sum(row["holders"] for row in done) == 150
    made = read_plan_of_rounds(job.output, plan.STEP)
    told = {}
    for group in range(len(made.groups) - 1):
        kept = read_kept(made, group, job.output, holders.STEP)
        assert all(made.group_begins[group] <= document < made.group_begins[group + 1] for document in kept)
        told |= kept
    assert {document: id for document, (id, *_) in told.items()} == {i: f"d{i + 150}" for i in range(150)}
