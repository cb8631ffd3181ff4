from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.text.word_counts import most_frequent, pack_counts, partition_counts, unpack_counts

COUNTS = st.dictionaries(st.text(st.characters(exclude_categories=["Z", "Cc"]), min_size=1), st.integers(1, 2**62))


@given(COUNTS)
def test_packed_counts_come_back_and_do_not_show_their_order(counts):
    packed = pack_counts(counts)
    assert unpack_counts(packed) == counts
    assert pack_counts(dict(reversed(counts.items()))) == packed


@given(COUNTS, st.integers(1, 9))
def test_every_word_is_in_one_part(counts, partitions):
    parts = partition_counts(counts, partitions)
    assert len(parts) == partitions
    assert sum(map(len, parts)) == len(counts)
    assert {word: count for part in parts for word, count in part.items()} == counts


def test_partitions_are_the_same_in_every_process():
    words = ["hus", "å", "中", "."]
    assert [next(i for i, part in enumerate(partition_counts({word: 1}, 64)) if part) for word in words] == [
        63,
        21,
        11,
        2,
    ]


def test_most_frequent_with_ties_by_word():
    assert most_frequent({"b": 2, "a": 2, "c": 5, "d": 1}, 2) == {"c": 5, "a": 2}
    assert most_frequent({"b": 2}, 2) == {"b": 2}
