from beam_jobs.execution.shard_row import shard_row
from beam_jobs.instances.counts import InstanceCounts
from beam_jobs.jobs.instances.finish import closing_line, corpus_stats, shares
from beam_jobs.jobs.instances.job import InstanceJob
from beam_jobs.records import Manifest, Shard
from beam_jobs.settings import InstanceSettings

SHARDS = tuple(
    Shard(f"instances-{i:05d}-of-00002.tfrecord.gz", "default", 1000, 20, 400_000, f"{i:08x}") for i in range(2)
)
KEYS = """counts time_taken_min model_class vocab_dir vocab_file max_seq_length max_predictions_per_seq masked_lm_prob
short_seq_prob dupe_factor objective masking replace_per compatibility max_input_chars_per_word shard_mb gzipped
random_seed num_logged_samples max_num_cpus shards_per_worker run_name silence data_dir output_dir run_in_parallel num_shards
bytes_in bytes_out shares totals splits sources vocabulary settings_hash versions"""


def test_closing_line() -> None:
    manifest = Manifest("instances", "h", {}, SHARDS)
    line = "2,000 instances of 40 documents in 2 shards, 0.8 MB"
    assert closing_line(manifest, None) == line
    assert closing_line(manifest, 4.0) == line + ", 4.0 s (500 instances/s)"


def test_the_statistics_have_these_entries_in_this_order() -> None:
    settings = InstanceSettings(input=("in",), output="out", max_num_cpus=5)
    job = InstanceJob(settings, "/out", True, 100, "0" * 64, "1" * 16, workers=3, started=0.0)
    counts = InstanceCounts.empty(settings.max_seq_length, settings.max_predictions_per_seq).to_json()
    rows = [
        shard_row(i, shard, bytes_in=7, counts=counts, sources={f"{i}.txt": {"bytes_in": 7}})
        for i, shard in enumerate(SHARDS)
    ]
    stats = corpus_stats(rows, job)
    assert list(stats) == KEYS.split()
    assert stats["counts"] == {"default": {"num_documents": 40, "num_instances": 2000}}
    assert (stats["max_num_cpus"], stats["run_in_parallel"]) == (3, True)
    assert (stats["num_shards"], stats["bytes_in"], stats["bytes_out"]) == (2, 14, 800_000)


TOTALS = {
    "instances": 20,
    "label_0": 12,
    "label_1": 8,
    "pieces": 1500,
    "padding": 500,
    "unknown": 30,
    "masked": {"mask": 180, "random": 25, "kept": 20},
}


def test_the_shares_by_value() -> None:
    assert shares(TOTALS) == {
        "unknown_pieces": 0.02,
        "padding": 0.25,
        "mean_length": 75.0,
        "label_1": 0.4,
        "predictions_mask": 0.8,
        "predictions_random": 25 / 225,
        "predictions_kept": 20 / 225,
        "pieces_predicted": 0.15,
    }
    nothing = {**dict.fromkeys(TOTALS, 0), "masked": {"mask": 0, "random": 0, "kept": 0}}
    assert set(shares(nothing).values()) == {0.0}
