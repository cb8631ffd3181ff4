import numpy as np

from beam_jobs.jobs.segment.duplicate_rounds import rounds
from beam_jobs.jobs.segment.duplicate_rounds.copies import find_copies, read_copies
from beam_jobs.jobs.segment.key_files.key_sections import BatchKeys
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import fact, job_in, write_corpus, write_key_file

TEXTS = ["Ett to.", "ETT  TO!!", "tre", "ett to", "Tre?", "fire", "", "..."]


def test_each_copy_names_the_first_in_rank_order(tmp_path):
    job = job_in(tmp_path, "exact")
    (task,) = rounds.plan_copies(write_corpus(job, TEXTS)[0], job)
    row = find_copies(task, job)
    assert [row[name] for name in ("copies", "groups", "largest_group")] == [3, 2, 3]
    found = sorted(read_copies(0, 3, job.output).tolist())
    assert found == [(0, 1), (2, 4), (3, 1)]  # the longest of each is the first


def test_held_out_copies_are_first(tmp_path):
    job = job_in(tmp_path, "exact")
    splits = ["train", "train", "dev", "test", "train", "train", "dev", "dev"]
    (task,) = rounds.plan_copies(write_corpus(job, TEXTS, splits)[0], job)
    find_copies(task, job)
    assert sorted(read_copies(0, 3, job.output).tolist()) == [(0, 3), (1, 3), (4, 2)]


def test_half_of_a_key_is_not_the_key(tmp_path):
    """Two documents whose keys agree in 64 of 128 bits are none of each other's copies."""
    job = job_in(tmp_path, "exact")
    exact = np.array([[5, 1], [5, 2], [5, 1]], np.uint64)
    keys = BatchKeys(exact, np.empty((3, 0), np.uint64))
    rows = [write_key_file(job, 0, keys, [fact(i, "x") for i in range(3)])]
    (task,) = rounds.plan_copies(rows, job)
    assert find_copies(task, job)["copies"] == 1
    assert read_copies(0, 1, job.output).tolist() == [(2, 0)]
