import numpy as np

from beam_jobs.jobs.segment.key_files.document_rank import documents_of, pack_rank, whole_ranks


def test_held_out_first_then_the_longer_then_the_earlier():
    order = [("test", 5), ("dev", 300 << 20), ("dev", 7), ("train", 9), ("train", 8), ("default", 100)]
    ranks = np.array([pack_rank(split, length) for split, length in order], np.uint32)
    assert (np.diff(ranks.astype(np.int64)) > 0).all()
    whole = whole_ranks(np.repeat(ranks, 2), np.arange(12, dtype=np.uint32))
    assert (np.diff(whole) > 0).all()
    assert (whole >= 0).all()
    assert documents_of(whole).tolist() == list(range(12))


def test_the_last_of_4_billion_documents_fits():
    (whole,) = whole_ranks(np.array([pack_rank("default", 0)], np.uint32), np.array([2**32 - 1], np.uint32))
    assert whole > 0
    assert documents_of(whole) == 2**32 - 1


def test_a_longer_document_than_any_is_the_longest():
    assert pack_rank("test", 1 << 40) == pack_rank("test", 1 << 29) < pack_rank("test", (1 << 29) - 2)
