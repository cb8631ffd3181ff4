import io
import zlib

import numpy as np
import pytest

from beam_jobs.errors import UserError
from beam_jobs.execution.run_once import run_once
from beam_jobs.jobs.vocabulary.counts_file import PARTITIONS, STEP, read_slice, write_run
from beam_jobs.text.word_counts import unpack_counts, word_list
from beam_jobs.tokenizer.word_table import WordTable

WORDS = [b"ord%d" % i for i in range(500)]


def write_item(output, index, slices, counts_of_runs):
    stream, runs = io.BytesIO(), []
    for count in counts_of_runs:
        table = WordTable()
        table.add(b"".join(word + b"\n" for word in WORDS), np.full(len(WORDS), count))
        runs.append(write_run(table, slices, stream.write))
    (output / f"{index}.bin").write_bytes(stream.getvalue())
    return run_once(str(output), STEP, f"{index:06d}", lambda: {"index": index, "counts": f"{index}.bin", "runs": runs})


@pytest.mark.parametrize("slices", [1, 3])
def test_each_word_is_in_the_slice_of_its_hash_and_runs_follow_each_other(tmp_path, slices):
    rows = [write_item(tmp_path, 0, slices, [1, 2]), write_item(tmp_path, 1, slices, [3])]
    seen = []
    for number in range(PARTITIONS * slices):
        parts = [unpack_counts(packed) for packed in read_slice(rows, str(tmp_path), number)]
        for word in word_list(parts[0][1] if parts else b""):
            assert zlib.crc32(word) % PARTITIONS == number // slices
            seen.append(word)
        assert [set(counts.tolist()) for counts, _ in parts] == ([{1}, {2}, {3}] if parts else [])
        assert len({tuple(sorted(word_list(text))) for _, text in parts}) <= 1
    assert sorted(seen) == sorted(WORDS)


def test_a_damaged_file_is_told_and_its_row_forgotten(tmp_path):
    row = write_item(tmp_path, 7, 1, [1])
    data = bytearray((tmp_path / "7.bin").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "7.bin").write_bytes(data)
    with pytest.raises(UserError, match=r"7\.bin was damaged after it had been written .* the same command"):
        [list(read_slice([row], str(tmp_path), number)) for number in range(PARTITIONS)]
    assert not (tmp_path / "_work" / STEP / "000007.json").exists()
