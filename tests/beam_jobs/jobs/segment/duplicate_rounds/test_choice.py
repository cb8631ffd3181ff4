import itertools

import numpy as np

from beam_jobs.jobs.segment.duplicate_rounds import choice
from beam_jobs.jobs.segment.duplicate_rounds.choice import (
    _LONG_SHIFT,
    _SHORT_SHIFT,
    REMOVED,
    STEP,
    _walk,
    read_choice,
)
from beam_jobs.jobs.segment.duplicate_rounds.plan import read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file
from beam_jobs.jobs.segment.key_files.parts import read_parts
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import in_small_pieces, job_in, run_rounds, write_corpus


def walk(documents: int, pairs: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """The kept document and the shared bands of each, by the kernel and by plain Python, in both of their forms."""
    later, earlier, bands = (np.array(column, np.uint32) for column in zip(*pairs, strict=True))
    results = []
    for function in (_walk, _walk.py_func):
        for dtype, shift in ((np.uint32, _SHORT_SHIFT), (np.uint64, _LONG_SHIFT)):
            chosen = np.arange(documents, dtype=dtype)
            function(chosen, shift, later, earlier, bands.astype(np.uint8))
            results.append([(c & ((1 << shift) - 1), c >> shift) for c in chosen.tolist()])
    assert all(result == results[0] for result in results)
    return results[0]


def test_only_a_kept_document_removes_another():
    chain = [(1, 0, 9), (2, 1, 9), (3, 2, 9)]
    assert walk(4, chain) == [(0, 0), (0, 9), (2, 0), (2, 9)]


def test_the_most_alike_is_named_and_of_equals_the_first():
    assert walk(4, [(3, 0, 6), (3, 1, 8), (3, 2, 8)])[3] == (1, 8)


def test_the_removed_are_listed_by_the_group_of_the_kept(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    texts = [f"side nummer {i % 130}" + "!" * (i // 130) for i in range(390)]  # the third of each is the longest
    job = job_in(tmp_path, "exact")
    (row,) = run_rounds(job, write_corpus(job, texts)[0])["choice"]
    plan = read_plan_of_rounds(job.output)
    assert len(plan.groups) - 1 >= 4
    assert len(row["chunks"]) >= 3
    kept, shared = read_choice(0, 390, 390, job.output)
    assert kept.tolist() == [260 + i % 130 for i in range(390)]
    assert not shared.any()
    part_kept, _ = read_choice(100, 110, 390, job.output)
    assert part_kept.tolist() == list(range(360, 370))
    per_group = [sum(i < 260 for i in range(a, b)) for a, b in itertools.pairwise(plan.group_begins)]
    assert row["exact"] == per_group
    assert row["near"] == [0] * len(per_group)
    for group in range(len(per_group)):
        data = b"".join(
            read_parts(round_file(STEP, 0, job.output), chunk, group, group + 1)[0] for chunk in row["chunks"]
        )
        listed = np.frombuffer(data, REMOVED)
        begin, end = plan.group_begins[group : group + 2]
        assert ((listed["kept"] >= begin) & (listed["kept"] < end)).all()
        assert len(listed) == sum(begin <= 260 + i % 130 < end for i in range(260))


def test_a_corpus_of_more_documents_than_fit_into_four_bytes(tmp_path, monkeypatch):
    results = []
    for bits in (26, 5):
        monkeypatch.setattr(choice, "_SHORT_SHIFT", bits)
        texts = [f"side {i % 30} av en bok om ingenting" + "!" * (i // 30) for i in range(90)]
        job = job_in(tmp_path / str(bits))
        (row,) = run_rounds(job, write_corpus(job, texts)[0])["choice"]
        results.append((row["crc32c"], row["exact"]))
    assert results[0] == results[1]
