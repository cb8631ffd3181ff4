import pytest

from beam_jobs.faults.source_faults import DOUBTFUL, SourceFaults
from beam_jobs.records import Rejection


@pytest.fixture
def found():
    """SourceFaults of a.txt and the rejections that they wrote."""
    written: list[Rejection] = []
    return SourceFaults("a.txt", written.append), written


def test_what_is_set_aside_is_written_at_once_and_counted(found):
    faults, written = found
    faults.reject(7, 30, "empty", "two\n  lines", "id\udc80")
    faults.reject(40, 5, "empty")
    faults.reject(90, 1, "html")
    assert written[0] == Rejection("a.txt", 7, "empty", "two lines", "id?", 30)
    assert [rejection.offset for rejection in written] == [7, 40, 90]
    assert faults.rejected == {"empty": 2, "html": 1}
    assert faults.rejected_bytes == {"empty": 35, "html": 1}


def test_a_file_is_told_once_and_weighed_range_by_range(found):
    faults, written = found
    faults.reject_file(100, "not_text", "it is a PDF", first=True)
    faults.reject_file(50, "not_text", "it is a PDF", first=False)
    assert written == [Rejection("a.txt", 0, "not_text", "it is a PDF", "", 100)]
    assert (faults.rejected["not_text"], faults.rejected_bytes["not_text"], faults.bytes_read) == (1, 150, 150)


def test_a_damaged_file_says_whether_something_is_kept(found):
    faults, written = found
    faults.reject_damaged(0, "cut", 1000, 0.5, 100)
    faults.reject_damaged(0, "cut", 1000, 0.0, 0)
    assert [(rejection.detail, rejection.size) for rejection in written] == [
        ("cut; what stands before is kept", 100),
        ("cut; nothing could be read", 1000),
    ]


@pytest.mark.parametrize(
    ("length", "bad", "kept", "doubtful"),
    [
        (10_000, 0, True, 0),
        (10_000, 10, True, 0),  # 1 in 1000: damage
        (10_000, 11, False, 0),  # more: another encoding
        (100, 1, True, 1),  # one in a short text may be either
        (100, 2, False, 0),
    ],
)
def test_a_few_bytes_that_are_not_utf8_are_dropped_and_many_are_another_encoding(found, length, bad, kept, doubtful):
    faults, written = found
    text = faults.decode(b"\xe5" * bad + b"a" * (length - bad), 3)
    assert (text == "a" * (length - bad)) is kept
    assert (text is None) is not kept
    assert faults.repaired == ({"invalid_utf8_bytes_dropped": 1} if kept and bad else {})
    assert faults.doubtful == doubtful
    assert faults.noted == ({f"{DOUBTFUL}, but may be ISO-8859-1 or windows-1252"} if doubtful else set())
    detail = f"{bad} of {length} bytes are not UTF-8; it seems to be ISO-8859-1 or windows-1252"
    assert written == ([] if kept else [Rejection("a.txt", 3, "invalid_utf8", detail, "", length)])


def test_in_a_file_of_another_encoding_one_byte_is_enough(found):
    faults, written = found
    faults.suspected = "windows-1252"
    assert faults.decode(b"a" * 5000 + b"\xe5", 0) is None
    assert written[0].detail == "1 of 5001 bytes are not UTF-8; it seems to be windows-1252"
    assert faults.decode("blå".encode(), 0) == "blå"


def test_lone_surrogates_are_dropped_and_counted(found):
    faults, _ = found
    assert faults.encodable("a\ud800b") == "ab"
    assert faults.encodable("blå") == "blå"
    assert faults.repaired == {"lone_surrogates_dropped": 1}


def test_the_counts_that_are_added_up(found):
    faults, _ = found
    faults.bytes_read = 12
    faults.reject(0, 2, "empty")
    faults.repair("r")
    faults.noted.add("odd")
    assert faults.counts() == {
        "bytes_read": 12,
        "rejected": {"empty": 1},
        "rejected_bytes": {"empty": 2},
        "repaired": {"r": 1},
        "doubtful": 0,
        "noted": {"odd": {"a.txt": 1}},
    }
