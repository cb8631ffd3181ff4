import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.duplicates.choose_kept import choose_kept
from beam_jobs.duplicates.near_pairs import Pairs


def choose(ranks, first_copy, pairs):
    """Pairs are (earlier rank, later rank, shared bands); the answer is {removed: (kept, shared)}."""
    rows = np.array(sorted((later, earlier, shared) for earlier, later, shared in pairs), np.int64).reshape(-1, 3)
    removed = choose_kept(np.array(ranks), np.array(first_copy), Pairs(rows[:, 1], rows[:, 0], rows[:, 2]))
    assert removed.documents.tolist() == sorted(removed.documents.tolist())
    return {d: (k, s) for d, k, s in zip(*(column.tolist() for column in removed), strict=True)}


def test_only_a_pair_with_a_kept_document_removes() -> None:
    assert choose([0, 1, 2, 3], [0, 1, 2, 3], [(0, 1, 9), (1, 2, 9), (2, 3, 9)]) == {1: (0, 9), 3: (2, 9)}


def test_the_most_alike_kept_document_is_named_and_the_first_of_equals() -> None:
    assert choose([0, 1, 2], [0, 1, 2], [(0, 2, 6), (1, 2, 7)]) == {2: (1, 7)}
    assert choose([0, 1, 2], [0, 1, 2], [(0, 2, 7), (1, 2, 7)]) == {2: (0, 7)}


def test_ranks_decide_not_the_order_of_documents() -> None:
    assert choose([2, 1, 0], [0, 1, 2], [(0, 2, 8)]) == {0: (2, 8)}


def test_a_copy_names_the_document_that_its_first_was_removed_for() -> None:
    assert choose([0, 1, 2, 3], [0, 1, 1, 0], [(0, 1, 6)]) == {1: (0, 6), 2: (0, 6), 3: (0, 0)}


@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(5, 32)), max_size=30),
    st.randoms(use_true_random=False),
)
@settings(deadline=None)
def test_every_removed_document_has_a_pair_with_its_kept_one_and_the_rest_has_none(documents, drawn, draws) -> None:
    pairs = {(a, b): shared for a, b, shared in drawn if a < b < documents}
    ranks = draws.sample(range(documents), documents)
    removed = choose(ranks, range(documents), [(a, b, shared) for (a, b), shared in pairs.items()])
    stays = {ranks[document] for document in range(documents) if document not in removed}
    for document, (kept, shared) in removed.items():
        assert ranks[kept] in stays
        assert pairs[ranks[kept], ranks[document]] == shared
    assert not [pair for pair in pairs if stays.issuperset(pair)]
