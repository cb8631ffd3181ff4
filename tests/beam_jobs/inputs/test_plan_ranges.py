from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.inputs.input_file import InputFile
from beam_jobs.inputs.plan_ranges import file_format, item_from_json, plan_hash, plan_ranges, work_bytes
from beam_jobs.settings import SegmentSettings

MB = 10**6
LINES = SegmentSettings(documents_are="lines")


def file(name, size):
    return InputFile(f"/corpus/{name}", name, size)


def test_a_large_file_is_cut_and_a_compressed_one_is_not():
    items = plan_ranges([file("a.jsonl", 200 * MB), file("b.jsonl.gz", 200 * MB), file("c.txt", 200 * MB)], LINES)
    pieces = [piece for item in items for piece in item.pieces]
    assert sum(piece.name == "a.jsonl" for piece in pieces) > 20
    assert [(piece.start, piece.end) for piece in pieces if piece.name == "b.jsonl.gz"] == [(0, -1)]
    assert sum(piece.name == "c.txt" for piece in pieces) > 20


def test_a_text_file_that_is_one_document_is_not_cut():
    assert [len(item.pieces) for item in plan_ranges([file("c.txt", 200 * MB)], SegmentSettings())] == [1]


def test_small_files_share_an_item_and_a_small_corpus_has_some_items():
    items = plan_ranges([file(f"{i:05}.txt", 2000) for i in range(10_000)], SegmentSettings())
    assert 10 < len(items) < 30


def test_tiny_files_do_not_become_one_item():
    items = plan_ranges([file(f"{i:05}.txt", 20) for i in range(20_000)], SegmentSettings())
    assert [len(item.pieces) for item in items] == [1000] * 20


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["jsonl", "txt", "parquet", "jsonl.gz", "txt.zst"]),
            st.one_of(st.integers(0, 10**4), st.integers(0, 10**12)),
        ),
        max_size=30,
    )
)
@settings(deadline=None)
def test_the_plan_holds_every_byte_once_and_is_never_huge(sizes):
    files = [file(f"{i:03}.{kind}", size) for i, (kind, size) in enumerate(sizes)]
    items = plan_ranges(files, LINES)
    pieces = [piece for item in items for piece in item.pieces]
    assert len(items) <= 25_000
    assert [item.index for item in items] == list(range(len(items)))
    assert [item.size for item in items] == [sum(piece.size for piece in item.pieces) for item in items]
    for f in files:
        of_file = [piece for piece in pieces if piece.name == f.name]
        assert of_file[0].start == 0
        assert sum(piece.size for piece in of_file) == f.size
        assert all(a.end == b.start for a, b in pairwise(of_file))
        assert of_file[-1].end in (-1, f.size)


def test_many_files_are_counted_by_folder():
    few = plan_ranges([file(f"a/{i}.txt", 10) for i in range(10)], SegmentSettings())
    many = plan_ranges([file(f"a/{i}.txt", 10) for i in range(1001)] + [file("b.txt", 10)], SegmentSettings())
    assert {piece.source for item in few for piece in item.pieces} == {f"a/{i}.txt" for i in range(10)}
    assert {piece.source for item in many for piece in item.pieces} == {"a", "."}


def test_an_item_survives_the_plan_file():
    for item in plan_ranges([file("blå bær\n.txt", 30 * MB), file("b.parquet.zst", 3)], LINES):
        assert item_from_json(item.to_json()) == item
        assert item.to_json().count(b"\n") == 1


def test_compressed_text_is_more_work():
    (item,) = plan_ranges([file("a.jsonl.gz", 1000), file("b.jsonl", 100)], LINES)
    assert work_bytes(item) == 4100


def test_the_hash_is_of_names_and_sizes_alone():
    assert plan_hash([InputFile("/a/x.txt", "x.txt", 3)]) == plan_hash([InputFile("gs://b/x.txt", "x.txt", 3)])
    assert plan_hash([file("x.txt", 3)]) != plan_hash([file("x.txt", 4)])
    assert plan_hash([file("x.txt", 3)]) != plan_hash([file("y.txt", 3)])


@pytest.mark.parametrize("name", ["a.jsonl", "A.JSONL.GZ", "x.txt/b.jsonl.zst"])
def test_format(name):
    assert file_format(name) == ".jsonl"


def test_only_a_large_corpus_whose_documents_are_compared_has_larger_ranges():
    """Each call of a round of `--duplicates` reads a part of every range; other plans, and so their bytes, stay."""

    def largest(size, mode):
        given = SegmentSettings(documents_are="lines", duplicates=mode)
        return max(item.size for item in plan_ranges([file("a.jsonl", size * MB)], given))

    for mode in ("off", "count"):
        assert largest(110_000, mode) <= 8 << 20
    for mode in ("exact", "near"):
        assert 16 << 20 < largest(110_000, mode) <= 32 << 20
        assert largest(10_000, mode) <= 8 << 20
        assert largest(2_000_000, mode) == largest(2_000_000, "off")
