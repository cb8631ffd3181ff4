"""The settings of the instances job: names that users know, and what follows from them."""

from beam_jobs.settings import InstanceSettings, to_json


def test_the_names_and_defaults_that_users_know() -> None:
    known = {
        "max_seq_length": 128,
        "max_predictions_per_seq": 19,
        "masked_lm_prob": 0.15,
        "short_seq_prob": 0.1,
        "random_seed": 42,
        "num_logged_samples": 10,
    }
    defaults = to_json(InstanceSettings())
    assert {name: defaults[name] for name in known} == known
    assert {"dupe_factor", "model_class", "vocab_dir", "vocab_file", "gzipped", "max_num_cpus", "run_name"} <= set(
        defaults
    )


def test_dynamic_masking_writes_one_copy() -> None:
    assert InstanceSettings(dupe_factor=6).copies == 6
    assert InstanceSettings(dupe_factor=6, masking="dynamic").copies == 1
