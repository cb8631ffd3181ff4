import pytest

from beam_jobs.errors import UserError
from beam_jobs.faults.filtered_out import check_filtered, filtered_lines, filtered_stats, num_filtered

TOTALS = {"filtered": {"language": 60, "quality_words": 3}, "filtered_bytes": {"language": 6000, "quality_words": 30}}


def stats(kept, **totals):
    return {"documents": kept, "filtered": filtered_stats({**TOTALS, **totals})}


def test_statistics_by_reason():
    assert stats(7)["filtered"] == {
        "language": {"documents": 60, "bytes": 6000},
        "quality_words": {"documents": 3, "bytes": 30},
    }
    assert num_filtered(stats(7)) == 63
    assert filtered_stats({}) == {}
    assert num_filtered({"documents": 7}) == 0  # of a corpus that was made before there were filters


def test_a_share_up_to_the_limit_is_fine():
    check_filtered(stats(7), 0.9, ["in"], "out")  # 63 of 70
    check_filtered(stats(0, filtered={}), 0.0, ["in"], "out")
    with pytest.raises(
        UserError, match=r"63 of 70 documents \(90.0%\).*language.*--max_filtered 0.89; see out/filtered"
    ):
        check_filtered(stats(7), 0.89, ["in"], "out")


def test_an_empty_result_names_what_took_the_most():
    with pytest.raises(UserError, match=r"no document is left of --input in: .* 63, most of them by language"):
        check_filtered(stats(0), 1.0, ["in"], "out")


def test_lines_for_users():
    assert filtered_lines(stats(37), "out") == [
        "filtered out: 63 documents, 63.0% (60 language, 3 quality_words); see out/filtered"
    ]
    assert filtered_lines({"documents": 3}, "out") == []
    many = stats(1, filtered={f"r{i}": i + 1 for i in range(6)})
    assert "(6 r5, 5 r4, 4 r3, 3 r2 and 2 more reasons)" in filtered_lines(many, "out")[0]
