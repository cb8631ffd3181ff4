"""What workers leave in the work folder is what the driver shows."""

import json
import re
import time
from pathlib import Path

import pytest

from beam_jobs.execution import progress
from beam_jobs.execution.progress import ItemProgress, StepView, announce_step, shown_progress
from beam_jobs.execution.run_once import run_once
from beam_jobs.records import WORK_FOLDER


def test_done_total_rates_and_time_left() -> None:
    view = StepView("instances", "shards", items=10, size=100_000_000, finished=3, started=time.monotonic() - 10)
    view.counts = {"bytes": 40_000_000, "instances": 1_000_000}
    assert view.line() == "instances  3/10 shards      4.0 MB/s   100,000 instances/s   0:15 left"
    view.counts_at_start = {"bytes": 20_000_000, "instances": 500_000}
    assert view.line() == "instances  3/10 shards      2.0 MB/s   50,000 instances/s   0:30 left"
    view.size = 10**12
    assert re.search(r"138:5\d:\d\d left$", view.line())


def test_a_worker_writes_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_WORKER_INTERVAL_S", 0.0)
    item = ItemProgress(str(tmp_path), "instances", "a")
    item.add(bytes=10)
    item.add(bytes=5, instances=2)
    (file,) = (tmp_path / WORK_FOLDER / "progress").iterdir()
    assert json.loads(file.read_text()) == {"bytes": 15, "instances": 2}
    assert item.finish() == {"bytes": 15, "instances": 2}
    assert not file.exists()


def test_nothing_is_written_to_an_object_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_WORKER_INTERVAL_S", 0.0)
    monkeypatch.chdir(tmp_path)
    item = ItemProgress("gs://bucket/out", "instances", "a")
    item.add(bytes=10)
    assert item.finish() == {"bytes": 10}
    assert list(tmp_path.iterdir()) == []


def test_the_driver_adds_finished_and_running_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_WORKER_INTERVAL_S", 0.0)
    monkeypatch.setattr(progress, "_LOG_INTERVAL_S", 0.05)
    output = str(tmp_path)
    announce_step(output, "instances", "shards", 3, 3_000_000)
    with shown_progress({output: ["segment", "instances"]}):
        time.sleep(0.2)
        run_once(output, "instances", "a", lambda: {"progress": {"bytes": 1_000_000, "instances": 10}})
        ItemProgress(output, "instances", "b").add(bytes=500_000, instances=5)
        time.sleep(0.3)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("instances  0/3 shards")
    assert lines[-1].startswith("instances  1/3 shards")
    assert "instances/s" in lines[-1]
    assert lines[-1].endswith("left")
