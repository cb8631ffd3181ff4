import json

import numpy as np
import pytest

from beam_jobs.jobs.vocabulary.add_counts import PartitionCounts
from beam_jobs.jobs.vocabulary.finish import closing_line, finish_vocabulary
from beam_jobs.jobs.vocabulary.job import VocabularyJob
from beam_jobs.settings import VocabularySettings
from beam_jobs.text.word_counts import pack_counts

STATS = {
    "bytes_in": 3_000_000,
    "vocab_size": 800,
    "pieces_learned": 800,
    "words": 27_000,
    "distinct_words": 1_900,
    "words_left_out": 0,
    "distinct_words_left_out": 0,
    "pieces_per_word": 1.366,
    "unknown_words": 0.0123,
}
KEYS = """time_taken_min text_field normalize vocab_size lower_case min_frequency alphabet_size sample_mb name max_rejected
max_num_cpus shards_per_worker run_name silence data_dir output_dir documents bytes_in input_bytes bytes_read num_rejected rejected
rejected_bytes repaired doubtful_repairs noted words distinct_words words_left_out
distinct_words_left_out distinct_words_learned_from alphabet pieces_learned
pieces_per_word unknown_words settings_hash versions vocabulary format"""


@pytest.mark.parametrize(("seconds", "speed"), [(None, ""), (2.0, "; 2.0 s (1.5 MB/s)")])
@pytest.mark.parametrize(
    ("wanted", "fewer"), [(800, ""), (1000, " (not 1,000: no other pair is seen --min_frequency times)")]
)
def test_closing_line(wanted, fewer, seconds, speed):
    line = f"800 pieces{fewer} from 27,000 words (1,900 distinct), 1.37 pieces per word, 1.23% [UNK]{speed}"
    assert closing_line({**STATS, "vocab_size": wanted}, seconds) == line


def test_the_closing_line_tells_what_was_left_out():
    line = closing_line({**STATS, "words_left_out": 5_400, "distinct_words_left_out": 4_000}, None)
    assert "(1,900 distinct; 4,000 rare ones, 20.00% of the words, left out)" in line


def test_the_closing_line_tells_of_a_sample():
    line = closing_line({**STATS, "sample_mb": 2.5, "input_bytes": 8_000_000}, None)
    assert "(1,900 distinct) in a sample of 3.0 of 8.0 MB, 1.37 pieces per word" in line


def test_the_statistics_have_these_entries_in_this_order(tmp_path):
    job = VocabularyJob(
        VocabularySettings(input=("in",), output="out", vocab_size=100), str(tmp_path), "0" * 16, started=0.0
    )
    row = {"index": 0, "totals": {"documents": 2, "bytes_in": 40}, "rejections": ""}
    counts = PartitionCounts(pack_counts(np.array([9, 3]), b"hus\nhusene\n"), 13, 3, 1, 1)
    manifest = finish_vocabulary([counts], [row], job)
    stats = json.loads((tmp_path / "corpus_stats.json").read_text())
    assert list(stats) == KEYS.split()
    assert (stats["words"], stats["distinct_words"], stats["documents"], stats["bytes_in"]) == (13, 3, 2, 40)
    assert (stats["words_left_out"], stats["distinct_words_left_out"]) == (1, 1)
    assert (
        stats["vocabulary"] == manifest.vocabulary == json.loads((tmp_path / "manifest.json").read_text())["vocabulary"]
    )
