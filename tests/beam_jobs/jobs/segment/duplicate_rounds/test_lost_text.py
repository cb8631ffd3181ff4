import random

import numpy as np
import pytest

from beam_jobs.jobs.segment.duplicate_rounds.lost_text import LostText, RunsPlace, lost_bytes_left_out, lost_texts
from beam_jobs.jobs.segment.duplicate_rounds.removed import RUN
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import in_small_pieces, job_in, run_rounds, write_corpus


def test_a_block_may_lose_documents_of_two_groups(tmp_path, monkeypatch):
    """Every text is in the one block of its range, which has sections in several groups."""
    in_small_pieces(monkeypatch)
    job = job_in(tmp_path, "exact")
    texts = [f"side {i // 2}" for i in range(300)]
    rows = run_rounds(job, write_corpus(job, texts, ranges=1)[0])["removed"]
    assert sum(bool(row["blocks"]) for row in rows) > 2
    ((key, lost),) = lost_texts(rows[::-1]).items()
    assert key == (0, "default", 0)
    assert (lost.documents, lost.sentences, lost.bytes) == (150, 150, sum(map(len, texts)) // 2)
    block = "".join(texts).encode()
    leave_out = lost_bytes_left_out(lost, job.output)
    assert leave_out(block) == "".join(texts[::2]).encode()


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_block_in_pieces_of_any_size(tmp_path, size):
    draws = random.Random(size)
    data = bytes(draws.randrange(256) for _ in range(100))
    runs = [(0, 5), (20, 21), (30, 60), (99, 100)]
    path = tmp_path / "_work/removed/000004.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"head" + np.array(runs, RUN).tobytes())
    lost = LostText(37, 4, 4, (RunsPlace(4, 4, 2, "x"), RunsPlace(4, 4 + 16, 2, "x")))
    leave_out = lost_bytes_left_out(lost, str(tmp_path))
    kept = b"".join(leave_out(data[i : i + size]) for i in range(0, 100, size))
    assert kept == b"".join(data[a:b] for a, b in [(5, 20), (21, 30), (60, 99)])


def test_nothing_is_lost():
    assert lost_texts([{"copies": 1}]) == {}
    assert lost_bytes_left_out(None, "")(b"abc") == b"abc"
