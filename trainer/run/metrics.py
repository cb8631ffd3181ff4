"""The figures that a run reports: means over intervals, lines for the log, and lines of `metrics.jsonl`.

`metrics.jsonl` in the output folder has one object per line, of kind "train" (means over the updates since the line
before), "evaluation" or "rollback". A run that continues first drops the lines beyond its checkpoint, so the file reads
like that of a run without interruption.
"""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from beam_jobs import storage
from beam_jobs.storage.paths import is_remote

METRICS_NAME = "metrics.jsonl"
TOTALS = ("instances", "tokens")


class Interval:
    """Sums over the updates since the last log line.

    Checkpoints hold them, so that an interruption does not change a line.
    """

    def __init__(self, figures: Sequence[str], kept: Mapping[str, float] | None = None) -> None:
        """`figures` are the metrics, of a task, whose means are reported; `kept` are the sums of a checkpoint."""
        self._means = (*figures, "gradient_norm")
        self.sums: dict[str, float] = dict(kept or {})

    def add(self, metrics: Mapping[str, float]) -> None:
        """Take in one update's metrics. Of a range, NAME_min and NAME_max, the widest over the updates is kept."""
        for name in (*self._means, *TOTALS):
            self.sums[name] = self.sums.get(name, 0.0) + metrics[name]
        self.sums["updates"] = self.sums.get("updates", 0.0) + 1
        self.sums["learning_rate"] = metrics["learning_rate"]
        for lowest in (name for name in metrics if name.endswith("_min")):
            highest = lowest.removesuffix("_min") + "_max"
            self.sums[lowest] = min(self.sums.get(lowest, metrics[lowest]), metrics[lowest])
            self.sums[highest] = max(self.sums.get(highest, metrics[highest]), metrics[highest])

    def take(self) -> dict[str, float]:
        """The means, totals of instances and tokens, the last learning rate and the widest range.

        The sums start anew.
        """
        updates = self.sums.pop("updates")
        means = {name: value / updates if name in self._means else value for name, value in self.sums.items()}
        self.sums = {}
        return means


class Speed:
    """Time since the last log line, without evaluations and checkpoints, and the part of it spent waiting for data."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin an interval now."""
        self._started, self._paused, self._waited, self._updates = time.perf_counter(), 0.0, 0.0, 0
        self._instances = self._tokens = 0.0

    def add(self, metrics: Mapping[str, float], waited: float) -> None:
        """Count one update."""
        self._updates += 1
        self._waited += waited
        self._instances += metrics["instances"]
        self._tokens += metrics["tokens"]

    def pause(self, seconds: float) -> None:
        """Leave out time that was not spent on training."""
        self._paused += seconds

    def take(self, flops_per_update: float, peak_flops: float | None) -> dict[str, float]:
        """Rates since the last call, with `mfu` if the device's peak is known."""
        seconds = max(time.perf_counter() - self._started - self._paused, 1e-9)
        rates = {
            "seconds_per_update": seconds / self._updates if self._updates else 0.0,
            "instances_per_second": self._instances / seconds,
            "tokens_per_second": self._tokens / seconds,
            "model_flops_per_second": flops_per_update * self._updates / seconds,
            "data_wait": min(self._waited / seconds, 1.0),
        }
        if peak_flops:
            rates["mfu"] = rates["model_flops_per_second"] / peak_flops
        self.restart()
        return rates


def log_line(record: Mapping[str, Any], total_steps: int, figures: str) -> str:
    """One line for people, of a "train" record; `figures` is what its task says of it."""
    parts = [
        f"step {record['step']:,}/{total_steps:,} {record['phase']}",
        figures,
        f"lr {record['learning_rate']:.2e} grad {record['gradient_norm']:.2f}",
    ]
    if "trust_ratio_min" in record:
        parts.append(f"trust {record['trust_ratio_min']:.2g}-{record['trust_ratio_max']:.2g}")
    rate, tokens = record["instances_per_second"], record["tokens_per_second"]
    speed = f"{rate:,.0f} ex/s {short_number(tokens)} tok/s {short_number(record['model_flops_per_second'])}FLOP/s"
    if "mfu" in record:
        speed += f" MFU {record['mfu']:.1%}"
    parts += [speed, f"data wait {record['data_wait']:.1%}", f"{short_time(record['seconds_left'])} left"]
    return " | ".join(parts)


def evaluation_line(record: Mapping[str, Any], figures: str) -> str:
    """One line for people, of an "evaluation" record; `figures` is what its task says of it."""
    instances = f"{record['instances']:,.0f} instances"
    return f"step {record['step']:,} {record['phase']} evaluation on {record['split']} ({instances}): {figures}"


def short_number(value: float) -> str:
    """12,345,678 as "12.3 M"."""
    for size, name in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {name}"
    return f"{value:.3g} "


def short_time(seconds: float) -> str:
    """Seconds as "3 d 4 h", "2 h 05 min", "7 min", "12 s"."""
    minutes, hours = seconds / 60, seconds / 3600
    if hours >= 48:
        return f"{int(hours // 24)} d {int(hours % 24)} h"
    if hours >= 1:
        return f"{int(hours)} h {int(minutes % 60):02d} min"
    return f"{minutes:.0f} min" if minutes >= 2 else f"{seconds:.0f} s"


class MetricsFile:
    """`metrics.jsonl`. On a local disk lines are appended; in an object store the file is rewritten at checkpoints."""

    def __init__(self, folder: str, step: int) -> None:
        """Opens the file and drops the records beyond `step`, from which the run continues."""
        self._path, self._local = storage.join(folder, METRICS_NAME), not is_remote(folder)
        text = (storage.read_if_there(self._path) or b"").decode("utf-8")
        self.records = [record for record in parse_records(text) if record["step"] <= step]
        self.flush()

    def write(self, record: Mapping[str, Any]) -> None:
        """Add one record."""
        self.records.append(dict(record))
        if self._local:
            storage.append_local(self._path, json.dumps(record) + "\n")

    def flush(self) -> None:
        """Make everything written so far visible under the final name."""
        storage.write_whole(self._path, "".join(json.dumps(record) + "\n" for record in self.records).encode())

    def drop_beyond(self, step: int) -> None:
        """Remove the records of updates that were rolled back."""
        self.records[:] = [record for record in self.records if record["step"] <= step]
        self.flush()


def parse_records(text: str) -> list[dict[str, Any]]:
    """The records of `metrics.jsonl`."""
    records = []
    for line in text.split("\n"):
        try:
            records.append(json.loads(line))
        except ValueError:  # the last line of a killed process may be cut short; the one after the last is empty
            continue
    return records
