"""What a server counts, and the text in which Prometheus reads it (exposition format 0.0.4)."""

import threading
from collections import Counter
from collections.abc import Mapping

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds

_REQUESTS, _SECONDS = "beambert_requests_total", "beambert_request_seconds"
_COUNTERS = {
    _REQUESTS: "Requests by path and HTTP status; 499: the client went away.",
    "beambert_batches_total": "Batches that went through the network.",
    "beambert_rows_total": "Rows of pieces that went through the network.",
    "beambert_pieces_total": "Pieces of those rows.",
    "beambert_padded_pieces_total": "Pieces that were computed, padding included.",
    "beambert_discarded_rows_total": "Rows that were not computed, because the client went away.",
}

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counters of one server. Any thread may count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, Labels]] = Counter()
        self._seconds: dict[str, list[float]] = {}  # by path: the count below each bound, the count, the sum

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count a request."""
        with self._lock:
            self._counts[_REQUESTS, (("path", path), ("status", str(status)))] += 1
            row = self._seconds.setdefault(path, [0.0] * (len(_BUCKETS) + 2))
            for number, bound in enumerate(_BUCKETS):
                row[number] += seconds <= bound
            row[-2] += 1
            row[-1] += seconds

    def batch(self, computation: str, rows: int, pieces: int, padded: int) -> None:
        """Count a batch."""
        labels = (("computation", computation),)
        with self._lock:
            for name, value in (("batches", 1), ("rows", rows), ("pieces", pieces), ("padded_pieces", padded)):
                self._counts[f"beambert_{name}_total", labels] += value

    def discarded(self, rows: int) -> None:
        """Count rows that are not computed."""
        with self._lock:
            self._counts["beambert_discarded_rows_total", ()] += rows

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """All counters, and values of now: for each name its help and its value."""
        lines = []
        with self._lock:
            for name, help in _COUNTERS.items():
                lines += [f"# HELP {name} {help}", f"# TYPE {name} counter"]
                found = sorted((labels, value) for (of, labels), value in self._counts.items() if of == name)
                lines += [f"{name}{_braces(labels)} {value}" for labels, value in found]
            lines += [f"# HELP {_SECONDS} Seconds from a request to its answer.", f"# TYPE {_SECONDS} histogram"]
            for path, row in sorted(self._seconds.items()):
                for bound, value in zip((*map(str, _BUCKETS), "+Inf"), row[:-1], strict=True):
                    lines.append(f"{_SECONDS}_bucket{_braces((('path', path), ('le', bound)))} {value:.0f}")
                lines.append(f"{_SECONDS}_sum{_braces((('path', path),))} {row[-1]:.6f}")
                lines.append(f"{_SECONDS}_count{_braces((('path', path),))} {row[-2]:.0f}")
        for name, (help, number) in gauges.items():
            lines += [f"# HELP {name} {help}", f"# TYPE {name} gauge", f"{name} {number:g}"]
        return "\n".join(lines) + "\n"


def _braces(labels: Labels) -> str:
    inside = ",".join(f'{name}="{value}"' for name, value in labels)
    return f"{{{inside}}}" if inside else ""
