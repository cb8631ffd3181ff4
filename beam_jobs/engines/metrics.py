"""Counters of Beam for what the items of a step made, so that an engine's page shows them while the job runs.

They are the figures of the rows from which the statistics are made, counted once an item and never for a sentence. An item
that an earlier launch has finished is counted too, as in the statistics.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from apache_beam.metrics.metric import Metrics

NAMESPACE = "beambert"
Row = TypeVar("Row", bound=Mapping[str, Any])


def counted(row: Row | None, counts: Callable[[Mapping[str, Any]], Mapping[str, int]]) -> Row | None:
    """`row`, after adding `counts(row)` to the counters of this step. For `beam.Map`, right behind the step's call.

    None, which stands for a failed item, is not counted.
    """
    for name, count in ({} if row is None else counts(row)).items():
        if count:
            Metrics.counter(NAMESPACE, name).inc(count)
    return row


def of_range(row: Mapping[str, Any]) -> dict[str, int]:
    """What a range of the segment job gave: kept and rejected documents by reason, sentences, bytes in and out."""
    counts = row["counts"]
    splits, sources = counts["splits"].values(), counts["sources"].values()
    return {
        "ranges": 1,
        "documents": sum(split["num_documents"] for split in splits),
        "sentences": sum(split["num_sentences"] for split in splits),
        "bytes_in": sum(source["bytes_in"] for source in sources),
        "bytes_out": sum(source["bytes_out"] for source in sources),
        **_rejected(counts),
    }


def of_shard(row: Mapping[str, Any]) -> dict[str, int]:
    """What a sentence shard holds."""
    return {"shards": 1, "documents": row["documents"], "sentences": row["records"], "bytes_out": row["bytes"]}


def of_instance_shard(row: Mapping[str, Any]) -> dict[str, int]:
    """What an instance shard holds."""
    made = {"documents": row["documents"], "instances": row["records"]}
    return {"shards": 1, **made, "bytes_in": row["bytes_in"], "bytes_out": row["bytes"]}


def of_word_counts(row: Mapping[str, Any]) -> dict[str, int]:
    """What a range of the vocabulary job gave."""
    totals = row["totals"]
    kept = {"documents": totals["documents"], "bytes_in": totals["bytes_in"]}
    return {"ranges": 1, **kept, **_rejected(totals)}


def of_vectors(row: Mapping[str, Any]) -> dict[str, int]:
    """What a shard of vectors holds."""
    made = {"documents": row["documents"], "vectors": row["records"], "bytes_out": row["bytes"]}
    return {"shards": 1, **made, "bytes_in": row["totals"].get("bytes_in", 0), **_rejected(row["totals"])}


def _rejected(counts: Mapping[str, Any]) -> dict[str, int]:
    return {
        f"{what}_{reason}": count for what in ("rejected", "filtered") for reason, count in counts.get(what, {}).items()
    }
