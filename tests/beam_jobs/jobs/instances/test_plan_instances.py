"""The plan of an instances job is a function of names and sizes."""

import random
import sys
from itertools import pairwise
from types import FrameType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.inputs.find_sentences import SentenceFile
from beam_jobs.jobs.instances.plan_instances import plan_instances

MB = 1_000_000
FILES = st.lists(
    st.builds(
        lambda i, size, split, ending: SentenceFile(f"/somewhere/{i}{ending}", f"{i}{ending}", size, split),
        st.integers(0, 10_000),
        st.integers(0, 5 * MB),
        st.sampled_from(["default", "train", "dev"]),
        st.sampled_from([".txt", ".txt.gz"]),
    ),
    max_size=40,
    unique_by=lambda file: file.name,
)


@given(files=FILES, seed=st.integers())
def test_every_byte_is_planned_once_whatever_the_order(files: list[SentenceFile], seed: int) -> None:
    items = plan_instances(files, MB, gzipped=True)
    shuffled = list(files)
    random.Random(seed).shuffle(shuffled)
    assert plan_instances(shuffled, MB, gzipped=True) == items
    assert [item.index for item in items] == list(range(len(items)))
    assert len({item.name for item in items}) == len(items)
    planned: dict[str, list[tuple[int, int]]] = {}
    for item in items:
        for part in item.parts:
            planned.setdefault(part.uri, []).append((part.start, part.end))
    assert set(planned) == {file.uri for file in files}
    for file in files:
        ranges = planned[file.uri]
        if len(ranges) == 1:
            assert ranges == [(0, -1)]
        else:
            assert not file.uri.endswith(".gz")
            assert [ranges[0][0], ranges[-1][1]] == [0, file.size]
            assert all(a[1] == b[0] for a, b in pairwise(ranges))


def test_shards_of_a_manifest_are_taken_as_they_are() -> None:
    files = [
        SentenceFile(f"/c/train/s{i}.txt", f"train/s{i}.txt", size, "train", "00")
        for i, size in enumerate([10, 300 * MB])
    ]
    items = plan_instances(files, 100 * MB, gzipped=True)
    assert [item.name for item in items] == [
        "train/instances-00000-of-00002.tfrecord.gz",
        "train/instances-00001-of-00002.tfrecord.gz",
    ]
    assert [len(item.parts) for item in items] == [1, 1]


def test_tiny_files_are_joined_and_large_ones_cut() -> None:
    tiny = [SentenceFile(f"/c/t{i:04}.txt", f"t{i:04}.txt", MB // 250, "default") for i in range(1000)]
    large = [SentenceFile("/c/z.txt", "z.txt", 10 * MB, "default")]
    items = plan_instances(tiny + large, MB, gzipped=False)
    assert items[0].name == f"instances-00000-of-{len(items):05}.tfrecord"
    assert len(items) == 4 + 10
    assert all(0.9 * MB <= item.size <= 1.1 * MB for item in items)


def test_the_work_of_planning_grows_with_the_number_of_files_and_no_faster() -> None:
    class Split(str):
        """Counts how often it is compared."""

        compared = 0
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            Split.compared += 1
            return str.__eq__(self, other)

    def lines_and_comparisons(count: int) -> tuple[int, int]:
        files = [SentenceFile(f"/s/{i}", f"{i:06d}", MB, Split("train"), f"{i:08x}") for i in range(count)]
        lines = 0

        def trace(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal lines
            lines += frame.f_code.co_filename.endswith("plan_instances.py")
            return trace

        before, Split.compared = sys.gettrace(), 0
        sys.settrace(trace)
        try:
            assert len(plan_instances(files, MB, gzipped=True)) == count
        finally:
            sys.settrace(before)
        return lines, Split.compared

    few, many = lines_and_comparisons(200), lines_and_comparisons(800)
    assert few[0] * few[1] > 200 * 200  # they count something
    assert all(more <= 4.2 * less for less, more in zip(few, many, strict=True))
