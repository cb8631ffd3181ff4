"""Instances per CPU-second of a whole `corpus` run, its stages and the memory of each of its processes.

    .venv/bin/python tests/benchmarks/whole_corpus.py --text FOLDER --vocab_file vocab.txt [--mb 600] [--workers 2]

The raw documents of --text (a .jsonl or .jsonl.gz file, or a folder of them) are repeated under new ids up to --mb.
Without --text they are the pages of Python's own language reference, in random order, and a vocabulary is learned from them.

CPU seconds are those of the driver and its workers, user and system. A stage ends when the next one is announced in the
output folder; the sums of the processes are read every 0.05 s, so a stage is right to about 0.1 s. Memory is the peak of
the resident set of a process within a stage, and `VmHWM`, the kernel's own peak of its life. The machine may be shared: compare runs
of one launch. With `--against CHECKOUT` the runs of the two checkouts take turns.
"""

import argparse
import gzip
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
STAGES = ("start", "segment", "shards", "instances", "end")
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_INTERVAL_S = 0.05
_FILE_BYTES = 50e6


@dataclass
class Run:
    """What one run took: CPU seconds a stage, and for each process its name and the peaks of its memory in MB."""

    instances: int = 0
    wall_s: float = 0.0
    cpu_s: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    peaks_mb: dict[int, dict[str, float]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    ready_s: dict[int, float] = field(default_factory=dict)  # CPU of a worker when its first item was begun

    @property
    def total_s(self) -> float:
        """CPU seconds of all processes in all stages."""
        return sum(self.cpu_s.values())


def main() -> None:
    """Print a table for each run, and at the end the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, help="raw documents: a .jsonl or .jsonl.gz file, or a folder of them")
    parser.add_argument("--mb", type=float, default=600, help="raw text in MB (default: 600)")
    parser.add_argument("--vocab_file", type=Path, help="a vocab.txt; without it one is learned from 4 MB of the text")
    parser.add_argument("--workers", type=int, nargs="+", default=[2], help="processes; several numbers take turns")
    parser.add_argument("--dupe_factor", type=int, default=3)
    parser.add_argument("--runs", type=int, default=1, help="runs of each kind (default: 1)")
    parser.add_argument("--against", type=Path, help="another checkout, whose runs take turns with those of this one")
    parser.add_argument(
        "--folder", type=Path, help="where texts and outputs lie while it runs (default: a temporary folder)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        raw, vocabulary = _prepare(options, Path(folder))
        checkouts = [HERE] if options.against is None else [options.against.resolve(), HERE]
        small = Path(folder) / "small"
        small.mkdir()
        for checkout in checkouts:  # compiles the kernels of a checkout that is new here
            with (raw / "part-000.jsonl").open("rb") as text:
                (small / "part.jsonl").write_bytes(b"".join(text.readlines(200_000)))
            _run(options, checkout, 1, small, vocabulary, Path(folder) / "corpus")
        runs: dict[tuple[Path, int], list[Run]] = {}
        for _ in range(options.runs):
            for workers in options.workers:
                for checkout in checkouts:
                    run = _run(options, checkout, workers, raw, vocabulary, Path(folder) / "corpus")
                    runs.setdefault((checkout, workers), []).append(run)
                    _print_run(checkout, workers, run)
    print(
        f"\nmedians{'checkout':>17} workers  instances/CPU-s   wall s  "
        + "".join(f"{s:>10}" for s in STAGES)
        + "  CPU s"
    )
    for (checkout, workers), done in runs.items():
        stages = "".join(f"{statistics.median(run.cpu_s[stage] for run in done):>10.1f}" for stage in STAGES)
        rate = statistics.median(run.instances / run.total_s for run in done)
        wall = statistics.median(run.wall_s for run in done)
        print(
            f"{checkout.name:>24} {workers:>7} {rate:>16,.0f} {wall:>8.1f}  {stages}  {statistics.median(run.total_s for run in done):.1f}"
        )


def _prepare(options: argparse.Namespace, folder: Path) -> tuple[Path, Path]:
    """Write the raw text; returns its folder, and the vocabulary."""
    texts = list(_texts(options.text))
    raw = folder / "raw"
    raw.mkdir()
    noise = random.Random(42)
    written = number = 0
    while written < options.mb * 1e6:
        with (raw / f"part-{number:03d}.jsonl").open("w", encoding="utf-8") as file:
            number += 1
            size = 0.0
            while size < min(_FILE_BYTES, options.mb * 1e6 - written):
                noise.shuffle(texts)
                for text, language in texts:
                    line = json.dumps(
                        {"id": f"{written + size:.0f}", "lang": language, "text": text}, ensure_ascii=False
                    )
                    size += len(line.encode()) + 1
                    file.write(line + "\n")
                    if size >= min(_FILE_BYTES, options.mb * 1e6 - written):
                        break
        written += int(size)
    if options.vocab_file:
        return raw, options.vocab_file.resolve()
    command = [
        sys.executable,
        "-m",
        "beam_jobs",
        "vocabulary",
        "--vocab_size",
        "8000",
        "--output",
        str(folder / "vocabulary"),
    ]
    small = folder / "small.txt"
    small.write_text("\n".join(text for text, _ in texts)[:4_000_000], encoding="utf-8")
    subprocess.run([*command, "--input", str(small)], check=True, cwd=HERE, capture_output=True)
    return raw, folder / "vocabulary" / "vocab.txt"


def _texts(source: Path | None) -> Iterator[tuple[str, str]]:
    """(text, language) of all documents."""
    if source is None:
        from pydoc_data.topics import topics

        yield from ((text, "en") for text in topics.values())
        return
    files = sorted(source.rglob("*.jsonl*")) if source.is_dir() else [source]
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if record.get("text"):
                    yield record["text"], record.get("lang", "")


def _run(options: argparse.Namespace, checkout: Path, workers: int, raw: Path, vocabulary: Path, output: Path) -> Run:
    shutil.rmtree(output, ignore_errors=True)
    command = [sys.executable, "-m", "beam_jobs", "corpus", "--input", str(raw), "--output", str(output)]
    command += [
        "--vocab_file",
        str(vocabulary),
        "--dupe_factor",
        str(options.dupe_factor),
        "--max_num_cpus",
        str(workers),
    ]
    run = Run()
    began, before = time.perf_counter(), _ended_cpu_s()
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    driver = subprocess.Popen(command, cwd="/", env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    known: dict[int, float] = {}
    while driver.poll() is None:
        _observe(driver.pid, output, known, run)
        time.sleep(_INTERVAL_S)
    run.wall_s = time.perf_counter() - began
    if driver.returncode:
        sys.exit(driver.stderr.read().decode() if driver.stderr else "the run failed")
    run.cpu_s["end"] += _ended_cpu_s() - before - run.total_s
    stats = json.loads((output / "instances" / "corpus_stats.json").read_text())
    run.instances = sum(counts["num_instances"] for counts in stats["counts"].values())
    shutil.rmtree(output)
    return run


def _ended_cpu_s() -> float:
    """CPU seconds of all child processes that have ended, and of their own children."""
    times = os.times()
    return times.children_user + times.children_system


def _observe(driver: int, output: Path, known: dict[int, float], run: Run) -> None:
    """Add to the current stage the CPU seconds since the last look, and note the memory."""
    stage = _stage(output)
    for pid in _processes(driver):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if "VmHWM" not in status:
            continue
        cpu = (int(fields[11]) + int(fields[12])) * _TICK_S
        run.cpu_s[stage] += max(0.0, cpu - known.get(pid, 0.0))
        known[pid] = cpu
        run.names[pid] = "driver" if pid == driver else "worker" if b"execution.worker" in command else "helper"
        if stage == "start":
            run.ready_s[pid] = cpu
        peaks = run.peaks_mb.setdefault(pid, {})
        now = int(status["VmRSS"].split()[0]) * 1024 / 1e6
        peaks[stage] = max(peaks.get(stage, 0.0), now)
        peaks["life"] = int(status["VmHWM"].split()[0]) * 1024 / 1e6


def _stage(output: Path) -> str:
    sentences, instances = output / "sentences" / "_work", output / "instances"
    if (instances / "manifest.json").exists():
        return "end"
    if (instances / "_work" / "progress" / "instances.total").exists():
        return "instances"
    if (sentences / "progress" / "sentences.total").exists():
        return "shards"
    if any((sentences / "tmp").glob(".0*.txt.*")) or (sentences / "segment").exists():
        return "segment"
    return "start"


def _processes(root: int) -> list[int]:
    """A process and all its descendants."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                waiting += map(int, tasks.read_text().split())
            except OSError:
                continue
    return found


def _print_run(checkout: Path, workers: int, run: Run) -> None:
    rate = run.instances / run.total_s
    print(
        f"{checkout.name}, {workers} worker(s): {run.instances:,} instances, {run.wall_s:.1f} s wall, {run.total_s:.1f} CPU s, {rate:,.0f} instances per CPU-s"
    )
    print(f"  {'CPU s':<22}" + "".join(f"{stage} {run.cpu_s[stage]:.1f}   " for stage in STAGES))
    for pid, peaks in run.peaks_mb.items():
        if run.names[pid] == "helper":
            continue
        start = f", {run.ready_s[pid]:.2f} CPU s until the first item" if pid in run.ready_s else ""
        print(
            f"  {run.names[pid] + ' MB':<22}"
            + "".join(f"{stage} {peaks[stage]:.0f}   " for stage in STAGES if stage in peaks)
            + f"life {peaks['life']:.0f}{start}",
            flush=True,
        )


if __name__ == "__main__":
    main()
