import random

import pytest

from beam_jobs.jobs.segment.duplicate_rounds.pairs import least_shared_bands, read_pairs
from tests.beam_jobs.duplicates.planted import documents, edited
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import job_in, run_rounds, write_corpus


@pytest.mark.parametrize(("threshold", "bands"), [(0.5, 2), (0.55, 3), (0.6, 5), (0.65, 6), (0.8, 14), (0.95, 27)])
def test_a_pair_shares_as_many_bands_as_the_threshold_on_average(threshold, bands):
    assert least_shared_bands(threshold) == bands


def test_pairs_are_in_rank_order_and_share_enough(tmp_path):
    draws = random.Random(1)
    texts = documents(60, draws, 100, 200)
    texts += [edited(text, 0.05, draws) for text in texts] + [edited(text, 0.08, draws) for text in texts]
    lengths = [len(text.encode()) for text in texts]
    counts = []
    for threshold in (0.5, 0.6, 0.9):
        job = job_in(tmp_path / str(threshold), near_threshold=threshold)
        (row,) = run_rounds(job, write_corpus(job, texts)[0])["pairs"]
        pairs = read_pairs(0, row["pairs"], job.output)
        assert (pairs["shared"] >= least_shared_bands(threshold)).all()
        order = [(-lengths[p["later"]], int(p["later"]), -lengths[p["earlier"]], int(p["earlier"])) for p in pairs]
        assert order == sorted(order)
        assert all(one[:2] > one[2:] for one in order)
        counts.append(len(pairs))
    assert counts[0] > counts[1] > counts[2]
