"""Shows the progress of a running job: workers write small files into the work folder, and the driver reads them.

Beam's local runner reports no counters while it runs, and the output folder is all that worker processes share with the
driver. On remote storage only finished items are counted, because a listing is cheap, but a file per second from every
worker is not.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from beam_jobs import storage
from beam_jobs.records import WORK_FOLDER
from beam_jobs.storage.paths import is_remote
from beam_jobs.storage.retries import retried

_WORKER_INTERVAL_S = 0.5
_TERMINAL_INTERVAL_S = 0.5
_LOG_INTERVAL_S = 10.0
_REMOTE_INTERVAL_S = 30.0
_FOLDER = "progress"


def announce_step(output: str, step: str, unit: str, items: int, size: int) -> None:
    """Tell the driver that `step` has this many items, whose name is `unit`, with `size` bytes of input in all."""
    content = json.dumps({"unit": unit, "items": items, "bytes": size})
    path = storage.join(output, WORK_FOLDER, _FOLDER, f"{step}.total")
    retried(lambda: storage.write_atomically(path, content.encode()))


class ItemProgress:
    """The progress of one item in a worker. It may be called often."""

    def __init__(self, output: str, step: str, item: str) -> None:
        """The progress of `item` of `step`. Nothing is written if `output` is remote."""
        self._path = None if is_remote(output) else Path(output, WORK_FOLDER, _FOLDER, f"{step}.{item}")
        self._totals: dict[str, int] = {}
        self._written = time.monotonic()

    def add(self, **counts: int) -> None:
        """Add to the item's counts: `bytes` of input read, `instances` or `documents` made."""
        for name, count in counts.items():
            self._totals[name] = self._totals.get(name, 0) + count
        now = time.monotonic()
        if self._path is not None and now - self._written >= _WORKER_INTERVAL_S:
            self._written = now
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(self._totals))  # a reader that finds it half-written skips it this time

    def finish(self) -> dict[str, int]:
        """The item's totals, for its row. Removes its progress file."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        return dict(self._totals)


@dataclass
class StepView:
    """What the driver knows about one step."""

    name: str
    unit: str = "items"
    items: int = 0
    size: int = 0
    finished: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    counts_at_start: dict[str, int] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def line(self) -> str:
        """The line that is shown: done / total, rates and time left."""
        seconds = max(time.monotonic() - self.started, 1e-3)
        done = self.counts.get("bytes", 0)
        rate = (done - self.counts_at_start.get("bytes", 0)) / seconds
        parts = [f"{self.name:<10} {self.finished:,}/{self.items:,} {self.unit}", f"{rate / 1e6:6.1f} MB/s"]
        for name in ("instances", "documents"):
            if self.counts.get(name):
                made = self.counts[name] - self.counts_at_start.get(name, 0)
                parts.append(f"{made / seconds:,.0f} {name}/s")
        if 0 < done < self.size and rate > 0:
            parts.append(f"{_clock((self.size - done) / rate)} left")
        return "   ".join(parts)


@contextmanager
def shown_progress(outputs: dict[str, list[str]]) -> Iterator[None]:
    """Show the progress of a run while the body runs: `outputs` maps each output folder to its steps, in order."""
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=(outputs, stop), name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


def _watch(outputs: dict[str, list[str]], stop: threading.Event) -> None:
    console = Console(stderr=True, soft_wrap=True)
    remote = any(map(is_remote, outputs))
    views: dict[tuple[str, str], StepView] = {}
    rows: dict[str, dict[str, int]] = {}
    if console.is_terminal:
        with Live(console=console, auto_refresh=False, transient=True) as live:
            while not stop.wait(_REMOTE_INTERVAL_S if remote else _TERMINAL_INTERVAL_S):
                _refresh(outputs, views, rows)
                live.update("\n".join(view.line() for view in views.values()), refresh=True)
    else:
        while not stop.wait(_REMOTE_INTERVAL_S if remote else _LOG_INTERVAL_S):
            _refresh(outputs, views, rows)
            for view in views.values():
                if view.finished < view.items:
                    print(view.line(), file=sys.stderr, flush=True)


def _refresh(
    outputs: dict[str, list[str]], views: dict[tuple[str, str], StepView], rows: dict[str, dict[str, int]]
) -> None:
    """Update the views. What cannot be read now is shown the next time."""
    for output, steps in outputs.items():
        for step in steps:
            total = _read_json(storage.join(output, WORK_FOLDER, _FOLDER, f"{step}.total"))
            if total is None:
                continue
            first_look = (output, step) not in views
            view = views.setdefault((output, step), StepView(step))
            view.unit, view.items, view.size = total["unit"], total["items"], total["bytes"]
            view.finished, view.counts = _counted(output, step, rows)
            if first_look:
                view.counts_at_start = dict(
                    view.counts
                )  # items of an earlier run are done, but do not count for the speed


def _counted(output: str, step: str, rows: dict[str, dict[str, int]]) -> tuple[int, dict[str, int]]:
    counts: dict[str, int] = {}
    try:
        folder = storage.join(output, WORK_FOLDER, step)
        finished = [storage.join(folder, name) for name in storage.list_folder(folder) if name.endswith(".json")]
        running = [] if is_remote(output) else [str(p) for p in Path(output, WORK_FOLDER, _FOLDER).glob(f"{step}.*")]
    except OSError:
        return 0, counts
    if is_remote(output):
        return len(finished), counts
    for path in finished:
        if path not in rows:
            rows[path] = (_read_json(path) or {}).get("progress", {})
    unfinished = [_read_json(path) or {} for path in running if not path.endswith(".total")]
    for part in [*(rows[path] for path in finished), *unfinished]:
        for name, count in part.items():
            counts[name] = counts.get(name, 0) + count
    return len(finished), counts


def _read_json(path: str) -> dict[str, Any] | None:
    try:
        return json.loads(storage.read_bytes(path))
    except Exception:  # missing, half-written or unreachable; progress must never end a job
        return None


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"
