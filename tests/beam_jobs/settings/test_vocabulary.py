import dataclasses

import pytest

from beam_jobs.settings import VocabularySettings, to_json

GOOD = VocabularySettings(("in",), "out")


def problems(**changes):
    return [name for name, _ in dataclasses.replace(GOOD, **changes).problems()]


def test_the_settings_and_their_defaults():
    assert to_json(VocabularySettings()) == {
        "input": [],
        "output": "",
        "text_field": "text",
        "normalize": "nfc",
        "vocab_size": 32_000,
        "lower_case": False,
        "min_frequency": 2,
        "alphabet_size": 1000,
        "sample_mb": 0.0,
        "name": "custom",
        "max_rejected": 0.01,
        "max_num_cpus": 0,
        "shards_per_worker": 2,
        "run_name": "",
        "silence": [],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"vocab_size": 100},
        {"vocab_size": 1_000_000},
        {"min_frequency": 1},
        {"alphabet_size": 1},
        {"sample_mb": 0.5},
    ],
)
def test_what_is_just_allowed(changes):
    assert problems(**changes) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"vocab_size": 99}, "vocab_size"),
        ({"vocab_size": 1_000_001}, "vocab_size"),
        ({"min_frequency": 0}, "min_frequency"),
        ({"alphabet_size": 0}, "alphabet_size"),
        ({"sample_mb": -1.0}, "sample_mb"),
        ({"sample_mb": float("inf")}, "sample_mb"),
        ({"max_rejected": -0.1}, "max_rejected"),
        ({"normalize": "no"}, "normalize"),
        ({"max_num_cpus": -1}, "max_num_cpus"),
    ],
)
def test_what_is_not(changes, name):
    assert problems(**changes) == [name]
