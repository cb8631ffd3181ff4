import io
import tracemalloc

import numpy as np
import pytest

from beam_jobs.jobs.segment.key_files import key_sections
from beam_jobs.jobs.segment.key_files.document_rank import pack_rank
from beam_jobs.jobs.segment.key_files.key_sections import (
    BAND,
    EXACT,
    FACT_PARTS,
    FIRST_KEYS,
    KEY_RANGES,
    BatchKeys,
    KeySections,
)
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_parts
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import fact


def random_keys(count: int, bands: int = 32) -> BatchKeys:
    draws = np.random.default_rng(count)
    return BatchKeys(
        draws.integers(1, 2**64, (count, 2), np.uint64), draws.integers(1, 2**64, (count, bands), np.uint64)
    )


@pytest.fixture
def written(tmp_path):
    def write(keys: BatchKeys, bands: int, facts) -> tuple[str, list[list[int]]]:
        with (tmp_path / "keys.bin").open("wb") as file:
            sections = KeySections(CheckedStream(file), bands, bool(facts))
            sections.add(keys, facts)
            sections.finish()
        return str(tmp_path / "keys.bin"), sections.rows

    return write


def test_each_list_is_sorted_and_cut_by_its_keys(written):
    keys = random_keys(500)
    keys.exact[7] = 0  # a document without words has no key
    keys.bands[7] = 0
    facts = [fact(i, "x" * i) for i in range(500)]
    file, rows = written(keys, 32, facts)
    assert rows == [[500, 0]]
    for number, dtype in [(0, EXACT), (1, BAND), (32, BAND)]:
        first = FIRST_KEYS + number * KEY_RANGES
        parts = [np.frombuffer(part, dtype) for part in read_parts(file, 0, first, first + KEY_RANGES)]
        assert all((part["key"] >> np.uint64(58) == i).all() for i, part in enumerate(parts))
        records = np.concatenate(parts)
        assert (records["key"][1:] >= records["key"][:-1]).all()
        assert sorted(records["document"].tolist()) == [i for i in range(500) if i != 7]
        column = keys.exact[:, 0] if number == 0 else keys.bands[:, number - 1]
        assert (column[records["document"]] == records["key"]).all()
        assert records["rank"].tolist() == [pack_rank("default", i) for i in records["document"].tolist()]


def test_only_exact_keys_and_no_facts(written):
    file, rows = written(random_keys(30, 0), 0, [])
    assert rows == [[30, 0]]
    parts = read_parts(file, 0, 0, FIRST_KEYS + KEY_RANGES + FACT_PARTS)
    assert sum(map(len, parts)) == 30 * EXACT.itemsize


def test_the_sample_is_spread_over_the_ranks(written):
    file, _ = written(random_keys(1000), 32, [fact(i, "x" * (i + 1)) for i in range(1000)])
    sample = np.frombuffer(read_parts(file, 0, 0, 1)[0], "<i8")
    assert len(sample) == 64
    documents = 999 - (sample & 0xFFFFFFFF)  # the longest, which is the last one, comes first
    assert np.abs(np.diff(documents) - 1000 / 64).max() <= 1


def test_a_range_of_very_many_documents_does_not_hold_them_all(monkeypatch):
    """So that one huge compressed file takes no more memory than others."""
    monkeypatch.setattr(key_sections, "_SECTION_DOCUMENTS", 1000)
    sections = KeySections(CheckedStream(io.BytesIO()), 32, True)
    batch = random_keys(250)
    tracemalloc.start()
    for _ in range(40):
        sections.add(batch, [fact(i, "tekst") for i in range(250)])
    sections.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [documents for documents, _ in sections.rows] == [1000] * 10
    assert peak < 13e6 + sections.stream.written


def test_long_ids_end_a_section_too(monkeypatch):
    monkeypatch.setattr(key_sections, "_SECTION_BYTES", 3000)
    sections = KeySections(CheckedStream(io.BytesIO()), 0, True)
    for i in range(10):
        sections.add(random_keys(1, 0), [fact(i, "x")._replace(id="i" * 1000)])
    sections.finish()
    assert [documents for documents, _ in sections.rows] == [3, 3, 3, 1]
