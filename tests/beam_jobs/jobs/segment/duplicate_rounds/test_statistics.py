import pytest

from beam_jobs.jobs.segment.duplicate_rounds.statistics import duplicate_lines, duplicates_stats, removed_rows
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import job_in, run_rounds, write_corpus

TEXTS = ["ett to tre", "ett to tre!", "ETT TO TRE", "seks", "fire", "Fire."]


def rows_of(job):
    done = run_rounds(job, write_corpus(job, TEXTS)[0])
    return [row for step in ("removed", "kept", "copies") for row in done[step]]


def test_what_the_statistics_say(tmp_path):
    groups = {"groups": 2, "largest_group": 3}
    counted = job_in(tmp_path / "count", "count")
    assert duplicates_stats(rows_of(counted), counted) == {"mode": "count", "exact": 3, **groups}
    for mode, near in (("exact", {}), ("near", {"near": 0})):
        job = job_in(tmp_path / mode, mode)
        stats = duplicates_stats(rows_of(job), job)
        by_source = [["s1", "s0", 3]]  # the longest of both are in s1
        assert stats == {"mode": mode, "exact": 3, **near, **groups, "by_source": by_source}
    assert duplicates_stats([], job_in(tmp_path, "off")) == {"mode": "off"}
    assert removed_rows([{"copies": 1}, {"blocks": []}]) == [{"blocks": []}]


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (
            {"mode": "count", "exact": 1200},
            "1,200 of 4,000 documents (30.0%) have the words of another one; --duplicates exact leaves such copies out, near "
            "also those that are nearly the same",
        ),
        (
            {"mode": "exact", "exact": 6000, "groups": 10},
            "duplicates: 6,000 documents (60.0%; 6,000 exact), copies of 10 that stay",
        ),
        (
            {"mode": "near", "exact": 1000, "near": 5000, "groups": 10},
            "duplicates: 6,000 documents (60.0%; 1,000 exact, 5,000 near), copies of 10 that stay",
        ),
        ({"mode": "count", "exact": 0}, None),
        ({"mode": "off"}, None),
        ("off", None),  # of a version that wrote the setting here
    ],
)
def test_the_last_line(found, line):
    assert duplicate_lines({"duplicates": found, "documents": 4000}) == ([line] if line else [])
