"""Warnings about finished sentences that are well-formed but may not be the corpus that was meant."""

from collections.abc import Iterator, Mapping
from typing import Any

from beam_jobs.console.warnings import Warned
from beam_jobs.settings import SegmentSettings

ONE_SOURCE = 0.9  # share of the bytes of all text
FEWEST_SOURCES = 3  # of which one may be too large: two are often a corpus and a small addition to it


def doubts_about_sentences(stats: Mapping[str, Any], settings: SegmentSettings) -> Iterator[Warned]:
    """One line for each figure in the statistics of the sentences that is beyond its threshold."""
    sizes = {name: counts.get("bytes_out", 0) for name, counts in stats["sources"].items()}
    total = sum(sizes.values())
    if len(sizes) >= FEWEST_SOURCES and max(sizes.values()) > ONE_SOURCE * total:
        largest = max(sizes, key=lambda name: (sizes[name], name))
        yield Warned(
            "one_source",
            f"{sizes[largest] / total:.1%} of the text is from {largest}, more than {ONE_SOURCE:.0%}, and the rest from "
            f"{len(sizes) - 1:,} other sources: a model will have learned little else",
        )
    for split, asked in (("dev", settings.dev_fraction), ("test", settings.test_fraction)):
        if asked and not stats["counts"].get(split, {}).get("num_documents"):
            yield Warned(
                "empty_split",
                f"no document is held out as {split}, though --{split}_fraction is {asked:g}: {stats['documents']:,} documents are too "
                f"few for that share; raise --{split}_fraction",
            )
