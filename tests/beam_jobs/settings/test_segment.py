import dataclasses

import pytest

from beam_jobs.settings import SegmentSettings, to_json

GOOD = SegmentSettings(("in",), "out")


def problems(**changes):
    return [name for name, _ in dataclasses.replace(GOOD, **changes).problems()]


def test_the_settings_and_their_defaults():
    assert to_json(SegmentSettings()) == {
        "input": [],
        "output": "",
        "text_field": "text",
        "pair_field": "",
        "id_field": "id",
        "documents_are": "files",
        "language": "",
        "language_field": "lang",
        "where": [],
        "detect_language": "off",
        "languages": [],
        "normalize": "nfc",
        "page_furniture": 0,
        "dehyphenate": "off",
        "dehyphenate_sample_mb": 500.0,
        "mask": "",
        "quality": "none",
        "drop": [],
        "confidence_field": "ocr_confidence",
        "decontaminate": [],
        "decontaminate_words": 13,
        "decontaminate_share": 0.0,
        "shard_mb": 100.0,
        "dev_fraction": 0.0,
        "test_fraction": 0.0,
        "duplicates": "count",
        "near_threshold": 0.6,
        "shingle_words": 3,
        "contained": 0.0,
        "repeated_lines": 0,
        "repeated_lines_keep": "none",
        "random_seed": 42,
        "max_rejected": 0.01,
        "max_filtered": 0.9,
        "max_num_cpus": 0,
        "shards_per_worker": 2,
        "run_name": "",
        "silence": [],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"documents_are": "paragraph_blocks", "normalize": "none", "language": "anything"},
        {"shard_mb": 1e-6},
        {"shard_mb": 1e6},
        {"dev_fraction": 0.5, "test_fraction": 0.49},
        {"max_rejected": 1.0},
        {"max_rejected": 0.0},
        {"id_field": ""},
        {"shards_per_worker": 1},
    ],
)
def test_what_is_just_allowed(changes):
    assert problems(**changes) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"documents_are": "pages"}, "documents_are"),
        ({"normalize": "nfkc"}, "normalize"),
        ({"shard_mb": 0.9e-6}, "shard_mb"),
        ({"shard_mb": 1.1e6}, "shard_mb"),
        ({"dev_fraction": 0.5, "test_fraction": 0.5}, "dev_fraction"),
        ({"dev_fraction": -0.1}, "dev_fraction"),
        ({"test_fraction": 1.1}, "test_fraction"),
        ({"max_rejected": 1.1}, "max_rejected"),
        ({"text_field": ""}, "text_field"),
        ({"pair_field": "text"}, "pair_field"),
        ({"max_num_cpus": -1}, "max_num_cpus"),
        ({"shards_per_worker": 0}, "shards_per_worker"),
        ({"input": (" ",)}, "input"),
        ({"input": ("a\0",)}, "input"),
    ],
)
def test_what_is_not(changes, name):
    assert problems(**changes)[:1] == [name]
