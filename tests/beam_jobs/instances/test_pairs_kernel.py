"""Parts of the kernel by hand; test_pairs.py holds all of it equal to the plain version."""

import numpy as np
import pytest

from beam_jobs.instances.pairs import RANDOM_DOCUMENT_TRIES, pair_rules
from beam_jobs.instances.pairs_kernel import _truncated_lengths, plan_pairs
from beam_jobs.instances.rows import PLANNED_INSTANCE
from beam_jobs.records.counter_random import path_key
from beam_jobs.settings.objectives import OBJECTIVES


@pytest.mark.parametrize(
    ("a", "b", "room", "left"),
    [
        (10, 10, 19, (10, 9)),  # of two equally long ones, B loses the first piece
        (10, 10, 15, (8, 7)),
        (11, 10, 20, (10, 10)),
        (12, 3, 10, (7, 3)),
        (3, 12, 10, (3, 7)),
        (100, 100, 5, (3, 2)),
    ],
)
def test_truncation_by_example(a, b, room, left):
    assert _truncated_lengths(a, b, room) == left


def test_the_original_tries_ten_times_for_another_document():
    """create_instances_from_document of google-research/bert: `for _ in range(10)`."""
    assert RANDOM_DOCUMENT_TRIES == 10


@pytest.mark.parametrize("fixed", [True, False])
def test_one_document_of_two_sentences_in_a_shard_of_two(fixed):
    sentences, documents = np.array([0, 4, 9, 12, 20], np.int64), np.array([0, 2, 4], np.int64)
    rules = pair_rules(OBJECTIVES["nsp"].pairs, 61, 0.0, fixed=fixed)
    seen = set()
    for seed in range(60):
        rows = np.zeros(8, PLANNED_INSTANCE)
        count, cut, aside = plan_pairs(sentences, documents, np.uint64(path_key(seed)), rules, rows)
        assert (cut, aside) == (0, 0)
        seen |= {
            (int(row["a_start"]), int(row["a_length"]), int(row["b_start"]), int(row["b_length"]), int(row["label"]))
            for row in rows[:count]
        }
    true = {(0, 4, 4, 5, 0), (9, 3, 12, 8, 0)}
    random = {(0, 4, 9, 11, 1), (0, 4, 12, 8, 1), (4, 5, 9, 11, 1), (4, 5, 12, 8, 1)}
    random |= {(9, 3, 0, 9, 1), (9, 3, 4, 5, 1), (12, 8, 0, 9, 1), (12, 8, 4, 5, 1)}
    assert seen == true | random
