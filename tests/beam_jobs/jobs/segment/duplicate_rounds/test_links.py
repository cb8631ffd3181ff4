import random
from pathlib import Path

import numpy as np

from beam_jobs.duplicates.band_keys import band_keys
from beam_jobs.duplicates.near_pairs import link_band
from beam_jobs.jobs.segment.duplicate_rounds.links import LINK, MARK_STEP
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file
from beam_jobs.jobs.segment.key_files.document_rank import pack_rank, whole_ranks
from beam_jobs.jobs.segment.key_files.parts import read_parts
from tests.beam_jobs.duplicates.planted import documents, edited
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import in_small_pieces, job_in, run_rounds, write_corpus


def test_the_links_of_a_band_are_those_of_the_pure_function_cut_by_rank(tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    draws = random.Random(1)
    texts = documents(100, draws, 20, 60)
    texts += [edited(text, 0.05, draws) for text in texts]
    job = job_in(tmp_path)
    rows, keys = write_corpus(job, texts)
    done = run_rounds(job, rows)
    ranks = whole_ranks(np.array([pack_rank("default", len(t.encode())) for t in texts]), np.arange(len(texts)))
    earlier, later = link_band(band_keys(keys.signatures, keys.words)[:, 0], ranks)
    expected = sorted(zip(later.tolist(), earlier.tolist(), strict=True))
    calls = [row["index"] for row in done["links"]][:2]  # of the first band
    parts = [read_parts(round_file("links", call, job.output), 0, 0, len(done["pairs"])) for call in calls]
    found = [np.frombuffer(part, LINK) for of_call in parts for part in of_call]
    assert sorted(link for part in found for link in part.tolist()) == expected
    assert sum(map(len, found)) == sum(row["links"] for row in done["links"][:2]) > 0
    for part in range(1, len(done["pairs"])):
        before, here = (np.concatenate([np.frombuffer(p[n], LINK) for p in parts]) for n in (part - 1, part))
        if len(before) and len(here):
            assert before["later"].max() < here["later"].min()


def test_copies_are_marked_by_a_bit(tmp_path):
    job = job_in(tmp_path)
    run_rounds(job, write_corpus(job, ["ett", "to", "ETT", "tre", "to!", *map(str, range(10)), "9"])[0])
    marked = np.frombuffer(Path(round_file(MARK_STEP, 0, job.output)).read_bytes(), np.uint8)
    bits = np.unpackbits(marked, bitorder="little")
    assert np.flatnonzero(bits).tolist() == [1, 2, 15]  # "to!" is longer than "to"
