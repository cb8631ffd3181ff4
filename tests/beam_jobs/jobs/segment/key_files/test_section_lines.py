from array import array

import numpy as np
import pytest

from beam_jobs.jobs.segment.key_files.key_sections import BatchKeys, KeySections
from beam_jobs.jobs.segment.key_files.line_lists import LINE_KEY, LINE_RANGES, lines_of
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_parts
from beam_jobs.jobs.segment.key_files.section_facts import read_facts
from beam_jobs.jobs.segment.key_files.section_lines import first_line_part, read_document_words, read_lines
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import fact


@pytest.mark.parametrize("bands", [0, 32])
def test_lines_come_back_and_the_facts_are_where_they_were(tmp_path, bands):
    texts = [b"Ett.\nTo.\n\n", b"Tre.\n\n"]
    batch = lines_of(texts, [array("Q", [2]), array("Q", [1])], b"".join(texts))
    with (tmp_path / "keys.bin").open("wb") as file:
        sections = KeySections(CheckedStream(file), bands, facts=True, lines=True)
        for _ in range(3):
            keys = BatchKeys(np.ones((2, 2), np.uint64), np.ones((2, bands), np.uint64))
            sections.add(keys, [fact(0, "Ett.\nTo."), fact(1, "Tre.")], batch)
        sections.finish()
    assert sections.rows == [[6, 0, 6]]
    file = str(tmp_path / "keys.bin")
    lines = read_lines(file, 0, bands)
    assert lines.counts.tolist() == [1] * 6
    assert lines.table["sentences"].tolist() == [2, 1] * 3
    assert lines.table["bytes"].tolist() == [9, 5] * 3
    assert read_facts(file, 0, bands).table["sentences"].tolist() == [2, 1] * 3
    assert read_document_words(file, 0, bands).tolist() == [2, 1] * 3
    first = first_line_part(bands)
    records = np.frombuffer(b"".join(read_parts(file, 0, first, first + LINE_RANGES)), LINE_KEY)
    assert sorted(records["document"].tolist()) == list(range(6))
