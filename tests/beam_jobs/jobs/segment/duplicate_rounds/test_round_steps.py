from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask
from beam_jobs.jobs.segment.duplicate_rounds.round_steps import content_of, ordered, tasks_of
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import job_in


def test_tasks_are_numbered_and_know_what_they_are_made_from(tmp_path):
    assert tasks_of(job_in(tmp_path), "kept", "groups", range(2, 4), "x") == [RoundTask(2, "x"), RoundTask(3, "x")]


def test_the_content_of_a_round_is_that_of_its_files_in_their_order():
    rows = [{"index": 1, "crc32c": "b"}, {"index": 0, "crc32c": "a"}]
    assert content_of("x", ordered(rows)) == content_of("x", ordered(rows[::-1])) != content_of("y", ordered(rows))
    assert content_of("x", rows) != content_of("x", ordered(rows))
