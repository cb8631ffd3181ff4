from beam_jobs.jobs.segment.line_rounds.statistics import line_rows, repeated_lines_lines, repeated_lines_stats
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import job_in

ROWS = [
    {"index": 1, "step": "cut", "blocks": []},
    {"index": 0, "copies": 3},
    {"index": 0, "step": "cut", "blocks": []},
    {"index": 0, "forms": 2, "texts": [["Forsiden", 12], ["Les mer", 10]]},
]
COUNTS = {"lines": 22, "bytes": 200, "documents": 15}


def test_what_the_statistics_and_the_last_line_say(tmp_path):
    job = job_in(tmp_path, repeated_lines=10)
    stats = repeated_lines_stats({"repeated_lines_left_out": COUNTS}, ROWS, job)
    frequent = [["Forsiden", 12], ["Les mer", 10]]
    assert stats == {"repeated_lines_left_out": {**COUNTS, "forms": 2, "most_frequent": frequent}}
    assert repeated_lines_lines({**stats, "bytes_out": 1800}) == [
        "repeated lines: 22 left out of 15 documents (10.00% of the text; 2 different ones), most often 'Forsiden', which "
        "stood in 12 documents"
    ]


def test_none_is_left_out(tmp_path):
    stats = repeated_lines_stats({}, [{"index": 0, "forms": 0, "texts": []}], job_in(tmp_path, repeated_lines=10))
    assert repeated_lines_lines({**stats, "bytes_out": 0}) == ["repeated lines: none is left out"]
    assert repeated_lines_stats({}, [], job_in(tmp_path)) == {}
    assert repeated_lines_lines({"repeated_lines": 0}) == []


def test_the_rows_of_the_cut_in_their_order():
    assert line_rows(ROWS) == [ROWS[2], ROWS[0]]
