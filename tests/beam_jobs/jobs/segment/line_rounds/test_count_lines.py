import numpy as np

from beam_jobs.jobs.segment.key_files import key_sections
from beam_jobs.jobs.segment.line_rounds import count_lines
from tests.beam_jobs.jobs.segment.line_rounds.test_forms import found_in


def test_a_line_that_stands_everywhere_takes_no_more_room_than_another(tmp_path, monkeypatch):
    sizes = []

    def spy(some):
        sizes.append(sum(len(lines.keys) for lines in some))
        return real(some)

    real = count_lines._together
    monkeypatch.setattr(count_lines, "_together", spy)
    monkeypatch.setattr(count_lines, "_AT_ONCE", 30)
    monkeypatch.setattr(key_sections, "_SECTION_DOCUMENTS", 10)
    splits = [f"{'train' if i % 2 else 'dev'}" for i in range(400)]
    monkeypatch.setattr("beam_jobs.jobs.segment.document_batch._BATCH_DOCUMENTS", 10)
    assert found_in(tmp_path, ["Forsiden"] * 400, splits, repeated_lines=400)[0] == 1
    assert max(sizes) <= 40


def test_nothing_together_is_nothing():
    empty = count_lines.CountedLines(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    for some in ([], [empty, empty]):
        assert [len(column) for column in count_lines._together(some)] == [0, 0, 0]
