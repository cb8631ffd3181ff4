import pytest

from beam_jobs.faults.language_notes import STATISTIC
from beam_jobs.jobs.segment.finish import closing_line, corpus_stats, finish_sentences, kept_counts
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.records import Manifest, Shard
from beam_jobs.settings import SegmentSettings

SHARDS = (
    Shard("dev/sentences-00000-of-00001.txt", "dev", 1000, 20, 400_000, "00000000"),
    Shard("sentences-00000-of-00001.txt", "default", 500, 10, 800_000, "00000001"),
)
MANIFEST = Manifest("sentences", "h", {}, SHARDS)
KEYS = """counts time_taken_min text_field pair_field id_field documents_are language language_field where detect_language languages
normalize page_furniture dehyphenate dehyphenate_sample_mb mask quality drop confidence_field decontaminate decontaminate_words
decontaminate_share shard_mb dev_fraction
test_fraction duplicates near_threshold shingle_words contained repeated_lines repeated_lines_keep random_seed max_rejected max_filtered max_num_cpus shards_per_worker run_name silence data_dir output_dir num_shards documents
sentences bytes_in bytes_out bytes_read num_rejected rejected rejected_bytes repaired doubtful_repairs noted filtered
documents_without_language_rules sentence_length_log2 sources settings_hash versions"""


@pytest.mark.parametrize(("seconds", "speed"), [(None, ""), (2.0, " in 2.0 s (0.6 MB/s)")])
def test_closing_line(seconds, speed):
    line = "30 documents, 1,500 sentences, 1.2 MB in 2 sentence shards"
    assert closing_line(MANIFEST, seconds) == line + speed


def test_the_statistics_have_these_entries_in_this_order():
    job = SegmentJob(SegmentSettings(input=("in",), output="out"), "/out", "0" * 16, 0.0)
    splits = {
        "dev": {"num_documents": 20, "num_sentences": 1000},
        "default": {"num_documents": 10, "num_sentences": 500},
    }
    totals = kept_counts([{"counts": {"splits": splits, "sources": {"a": {"bytes_in": 7}}}}], [])
    stats = corpus_stats(MANIFEST, totals, {"duplicates": {"mode": "off"}}, job)
    assert list(stats) == KEYS.split()
    assert (stats["num_shards"], stats["documents"], stats["sentences"]) == (2, 30, 1500)
    assert (stats["bytes_in"], stats["bytes_out"]) == (7, 1_200_000)
    assert (stats["data_dir"], stats["output_dir"], stats["settings_hash"]) == ("in", "/out", job.hash)


def test_a_row_of_a_shard_that_got_lost_is_noticed(tmp_path):
    job = SegmentJob(SegmentSettings(input=("in",), output=str(tmp_path)), str(tmp_path), "0" * 16, 0.0)
    ranges = [{"index": 0, "counts": {"splits": {"default": {"num_documents": 20, "num_sentences": 1}}}}]
    with pytest.raises(RuntimeError, match="the shards hold 0 documents, but 20 were read"):
        finish_sentences([], ranges, [], job)


def test_removed_documents_are_not_counted_as_kept():
    counts = {
        "splits": {"train": {"num_documents": 5}},
        "sources": {"a": {"documents": 5}},
        STATISTIC: {"xx": 2, "": 3},
    }
    removed = {
        "splits": {"train": {"num_documents": -2}},
        "sources": {"a": {"documents": -2, "filtered": 2}},
        STATISTIC: {"xx": -2},
        "filtered": {"duplicate_exact": 2},
    }
    rows = [{"copies": 3}, {"blocks": [], "counts": removed}, {"largest_group": 3}]
    assert kept_counts([{"counts": counts}], rows) == {
        "splits": {"train": {"num_documents": 3}},
        "sources": {"a": {"documents": 3, "filtered": 2}},
        STATISTIC: {"": 3},
        "filtered": {"duplicate_exact": 2},
    }
