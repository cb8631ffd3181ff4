import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.jobs.segment.duplicate_rounds.plan import read_plan_of_rounds, write_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.read_keys import read_keys, repeated
from beam_jobs.jobs.segment.key_files.document_rank import documents_of
from beam_jobs.jobs.segment.key_files.key_sections import EXACT
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import in_small_pieces, job_in, write_corpus


def test_documents_are_numbered_through_the_corpus(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    job = job_in(tmp_path, "exact")
    texts = [f"tekst nummer {i}" for i in range(300)]
    rows, keys = write_corpus(job, texts)
    write_plan_of_rounds(rows, job)
    plan = read_plan_of_rounds(job.output)
    assert plan.key_ranges == 4
    found = []
    for call in range(4):
        for records, ranks in read_keys(plan, call, job.output, EXACT):
            assert (records["key"] >> np.uint64(62) == call).all()
            assert (keys.exact[documents_of(ranks), 0] == records["key"]).all()
            found += documents_of(ranks).tolist()
    assert sorted(found) == list(range(300))


@given(st.lists(st.integers(0, 12), max_size=30))
def test_repeated_keys(numbers):
    keys = np.array(numbers, np.uint64)
    places = repeated(keys).tolist()
    assert sorted(places) == [i for i, n in enumerate(numbers) if numbers.count(n) > 1]
    assert keys[places].tolist() == sorted(keys[places].tolist())
