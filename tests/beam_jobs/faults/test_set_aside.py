import json

import pytest

from beam_jobs.errors import UserError
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.faults.set_aside import check_set_aside, gather_rejections, set_aside_lines, set_aside_stats
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.records import Rejection


def totals(kept_bytes, *rejections, source="a.jsonl"):
    """The counts of one source that read `kept_bytes` and set aside (size, reason) each."""
    faults = SourceFaults(source, lambda rejection: None)
    faults.bytes_read = kept_bytes
    for size, reason in rejections:
        faults.bytes_read += size
        faults.reject(0, size, reason)
    return faults.counts()


def check(counts, documents, max_rejected, first=()):
    check_set_aside({"documents": documents, **set_aside_stats(counts)}, dict(first), max_rejected, ["in"], "out")


def test_a_share_just_allowed_and_one_above():
    check(totals(10, (10, "empty")), 1, 0.5)
    with pytest.raises(UserError, match=r"2 of 3 documents \(66.7%\) were set aside \(2 empty\), more than"):
        check(totals(100, (1, "empty"), (1, "empty")), 1, 0.5)


def test_one_document_of_many_bytes_weighs_what_it_is():
    counts = totals(300_000, (700_000, "broken_json"))
    check(counts, 300, 0.7)
    first = {"broken_json": "a.jsonl: odd"}
    message = r"700.0 kB of 1.0 MB of the input \(70.0%\) were set aside \(1 broken_json\).* \(a.jsonl: odd\): a .jsonl"
    with pytest.raises(UserError, match=message):
        check(counts, 300, 0.69, first)


def test_the_bytes_of_all_reasons_are_weighed_together():
    counts = totals(600, (200, "empty"), (200, "broken_json"))
    check(counts, 300, 0.4)
    with pytest.raises(UserError, match=r"400 bytes of 1.0 kB of the input \(40.0%\) were set aside"):
        check(counts, 300, 0.39)


def test_the_heaviest_reason_is_named_first_with_its_remedy():
    counts = totals(0, *[(1, "empty")] * 10, (1000, "damaged_file"))
    with pytest.raises(UserError, match=r"\(1 damaged_file, 10 empty\).*fetch the damaged files again"):
        check(counts, 1, 0.01)


@pytest.mark.parametrize(
    ("read", "share_read", "lost"),
    [
        (0, 0.0, 1000),  # nothing read: the guess
        (100, 0.1, 900),  # the unread rest
        (900, 0.9, 900),  # no less than what was read, since damage shows late
        (500, 1.0, 500),  # cut: nobody knows
    ],
)
def test_the_weight_of_a_damaged_file(read, share_read, lost):
    written: list[Rejection] = []
    faults = SourceFaults("a.gz", written.append)
    faults.bytes_read = read
    faults.reject_damaged(7, "cut", 1000, share_read, read)
    assert [(r.offset, r.reason, r.size) for r in written] == [(7, "damaged_file", lost)]
    assert faults.bytes_read == read + lost


def test_nothing_is_said_where_nothing_was_found():
    assert set_aside_lines(set_aside_stats(totals(100)), "out") == []


def test_all_that_was_found_is_said():
    one = totals(100, (2000, "broken_json"), (3, "empty"))
    faults = SourceFaults("b.gz", lambda rejection: None)
    faults.repair("lone_surrogates_dropped")
    faults.noted.add("read as plain text")
    stats = set_aside_stats(merge_counts([one, faults.counts(), *[{"noted": {"odd": {f"{i}": 1}}} for i in range(5)]]))
    assert set_aside_lines(stats, "out") == [
        "set aside: 2 documents (1 broken_json of 2.0 kB, 1 empty of 3 bytes); see out/rejected",
        "repaired and kept, documents by kind: 1 lone_surrogates_dropped",
        "note: odd: 0, 1, 2 and 2 more",
        "note: read as plain text: b.gz",
    ]


def test_rejections_are_gathered_by_reason_and_the_first_of_each_is_told(tmp_path):
    (tmp_path / "r.jsonl").write_text(
        "".join(Rejection("a", i, f"r{i % 2}", f"d{i}").to_json_line() + "\n" for i in range(4))
    )
    first = gather_rejections([{"rejections": ""}, {"rejections": "r.jsonl"}], str(tmp_path))
    assert first == {"r0": "a: d0", "r1": "a: d1"}
    lines = (tmp_path / "rejected" / "r1.jsonl").read_text().splitlines()
    assert [json.loads(line)["offset"] for line in lines] == [1, 3]
