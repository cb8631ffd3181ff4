from array import array

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.jobs.segment.key_files.key_sections import BatchKeys, KeySections, _bit_lengths
from beam_jobs.jobs.segment.key_files.parts import CheckedStream
from beam_jobs.jobs.segment.key_files.section_facts import read_facts
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import fact

FACTS = [
    fact(0, "en\nto", language="nb"),
    fact(1, "", 5, "test", "b", ""),
    fact(2, "tre", 9, "dev", "a", "nn")._replace(id="blå\udc80", size=1 << 40, offset=1 << 40),
    fact(3, "fire\nfem\nseks"),
]


def test_facts_come_back(tmp_path):
    with (tmp_path / "keys.bin").open("wb") as file:
        sections = KeySections(CheckedStream(file), 0, True)
        for one in FACTS:
            sections.add(BatchKeys(np.ones((1, 2), np.uint64), np.empty((1, 0), np.uint64)), [one])
        sections.finish()
    facts = read_facts(str(tmp_path / "keys.bin"), 0, 0)
    assert [facts.id_of(i) for i in range(4)] == ["id0", "id1", "blå?", "id3"]
    assert facts.sources == [("a.txt", "a"), ("b.txt", "b")]
    assert facts.languages == ["nb", "", "nn"]
    table = facts.table
    assert table["source"].tolist() == [0, 1, 0, 0]
    assert table["language"].tolist() == [0, 1, 2, 0]
    assert table["split"].tolist() == [3, 0, 1, 3]
    assert table["begin"].tolist() == [0, 5, 9, 0]
    assert table["sentences"].tolist() == [2, 1, 1, 3]
    assert table["offset"].tolist() == [0, 1, 1 << 40, 3]
    assert table["size"].tolist() == [5, 0, (1 << 32) - 1, 13]
    assert facts.length_counts(np.array([0, 3])).tolist() == [0, 0, 3, 2]  # of 2, 2, 4, 3 and 4 characters
    assert facts.length_counts(np.array([2])).tolist() == [0, 0, 1]


@given(st.lists(st.integers(0, 1 << 32), max_size=40))
def test_lengths_are_kept_as_their_numbers_of_bits(lengths):
    assert list(_bit_lengths(array("Q", lengths).tobytes())) == [length.bit_length() for length in lengths]
