"""What `full_corpus_simulation.py` prints: costs of items, steps of the driver, elements of Beam, the whole job."""

import argparse
from dataclasses import dataclass
from typing import Any

from simulation.costs import ItemCosts
from simulation.items import NOW

from beam_jobs.records import Manifest
from beam_jobs.storage.range_stream import BLOCK_BYTES
from beam_jobs.storage.uploads import PART_BYTES

RANGES, BYTES, DOCUMENTS, WORDS = 22_000, 118e9, 40_810_085, 18.4e9
INSTANCES = 405_354_995  # of one copy, as published
PUBLISHED_S = 836.892 * 60 * 40  # of 40 processes, for three copies
REQUESTS_OF_A_RANGE, REQUESTS_OF_A_SHARD = 7, 3
"""As `test_segment_ranges_remote.py` counts them. To those of a shard come one for each block or part of a file."""

LIMIT_MB, LIMIT_S = 500, 60
_PIPELINE_LIMIT, _ELEMENT_LIMIT = 10e6, 2e9  # of a job request, and of one element or group


@dataclass(frozen=True)
class Finished:
    """The output of the simulated job."""

    sentences: Manifest
    sentence_stats: dict[str, Any]
    instances: Manifest
    instance_stats: dict[str, Any]
    input_bytes: int
    cpu_s: float
    mb_before: float  # resident memory of the process before the job


def print_costs(costs: ItemCosts) -> None:
    """The measured costs of items."""
    print("measured on this machine, CPU seconds")
    print(f"  a MB of raw text to sentences                 {costs.segment_s_per_mb:9.4f}")
    print(f"  a MB of sentences into a shard                {costs.copy_s_per_mb:9.4f}")
    print(f"  a MB of sentences read and tokenized          {costs.text_s_per_mb:9.4f}")
    print(f"  a million static instances, {costs.static_bytes:5.1f} bytes each  {costs.static_s_per_million:9.4f}")
    print(f"  a million dynamic instances, {costs.dynamic_bytes:5.1f} bytes each {costs.dynamic_s_per_million:9.4f}")
    print(f"  the start of a worker                         {costs.start_s:9.4f}")


def print_driver(finished: Finished) -> None:
    """The steps that are done once."""
    steps = NOW.steps
    items = NOW.item_cpu_s
    print(
        f"\n{NOW.ranges:,} ranges, {NOW.blocks:,} blocks, {len(finished.sentences.shards):,} shards; CPU seconds, peak MB"
    )
    for name, step in steps.items():
        print(f"  {name:<34}{step.cpu_s:>8.2f}{step.peak_mb:>8.0f}")
    print(f"  {'the whole job in one process':<34}{finished.cpu_s:>8.2f}{NOW.peak_mb:>8.0f}")
    print(f"  {'of it: making up rows, weighing':<34}{items:>8.2f}")
    print(f"  {'without that':<34}{finished.cpu_s - items:>8.2f}{'':>8}   goal: {LIMIT_S} s, {LIMIT_MB} MB")
    print(f"  {'the process before the job':<34}{'':>8}{finished.mb_before:>8.0f}")


def print_elements() -> None:
    """The sizes of what passes through Beam."""
    print("\nbytes through Beam, the largest of each kind")
    for name, size in NOW.elements.items():
        limit = _PIPELINE_LIMIT if name == "the pipeline itself" else _ELEMENT_LIMIT
        print(f"  {name:<34}{size:>14,}   {size / limit:8.2%} of {limit / 1e6:,.0f} MB")


def print_job(options: argparse.Namespace, costs: ItemCosts, finished: Finished) -> None:
    """Core-hours, requests, bytes and money of the whole job."""
    scale = RANGES / options.ranges
    raw, text = finished.input_bytes * scale, finished.sentences.bytes * scale
    shards, blocks = len(finished.sentences.shards) * scale, NOW.blocks * scale
    asked = RANGES * (options.requests_of_a_range + 1)  # and the range's rejections, at the end
    asked += 2 * shards * options.requests_of_a_shard + blocks + text / PART_BYTES + text / BLOCK_BYTES
    print(f"\n{WORDS / 1e9} billion words, {DOCUMENTS:,} documents, {raw / 1e9:,.0f} GB; {options.workers} processes")
    print(
        f"{'instances':<24}{'segment':>9}{'copy':>7}{'make':>7}{'start':>7}{'all, core-h':>12}{'waiting':>9}"
        f"{'wall h':>8}{'requests':>10}{'read GB':>9}{'written':>9}{'kept':>7}{'dollars':>9}{'a month':>9}"
    )
    for name, instances, dynamic in (
        ("405 M static", INSTANCES, False),
        ("1.2 B static", 3 * INSTANCES, False),
        ("2.43 B static", 6 * INSTANCES, False),
        ("405 M dynamic", INSTANCES, True),
    ):
        per_million = costs.dynamic_s_per_million if dynamic else costs.static_s_per_million
        made = instances * (costs.dynamic_bytes if dynamic else costs.static_bytes)
        hours = [
            raw / 1e6 * costs.segment_s_per_mb / 3600,
            text / 1e6 * costs.copy_s_per_mb / 3600,
            (text / 1e6 * costs.text_s_per_mb + instances / 1e6 * per_million) / 3600,
            options.workers * costs.start_s / 3600,
        ]
        requests = asked + made / PART_BYTES
        waiting = requests * options.request_s / 3600
        paid = (sum(hours) + waiting) * options.core_hour + requests / 1e6 * options.million_requests
        print(
            f"{name:<24}{hours[0]:>9.2f}{hours[1]:>7.2f}{hours[2]:>7.2f}{hours[3]:>7.2f}{sum(hours):>12.2f}{waiting:>9.2f}"
            f"{(sum(hours) + waiting) / options.workers:>8.2f}{requests:>10,.0f}{(raw + 2 * text) / 1e9:>9,.0f}"
            f"{(2 * text + made) / 1e9:>9,.0f}{(text + made) / 1e9:>7,.0f}{paid:>9.2f}"
            f"{(text + made) / 1e9 * options.gb_month:>9.2f}"
        )
    for name, times in (("published, 1.2 B", 1), ("twice that, 2.43 B", 2)):
        hours = times * PUBLISHED_S / 3600
        print(f"{name:<24}{'':>30}{hours:>12.2f}{'':>9}{hours / 40:>8.2f}   from finished sentences, on 40 processes")
