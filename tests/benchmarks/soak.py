"""The memory of every process over time, while a large text with a growing vocabulary goes through the jobs.

    .venv/bin/python tests/benchmarks/soak.py --gb 5 --folder soak --text reviews.jsonl.gz

Writes the text (`soaking/growing_text.py`), learns a vocabulary from it, makes a corpus with it, and samples the resident memory of
the driver and of each worker. Needs about five times --gb of disk; --folder is removed at the end but for
`memory.csv` and `memory.svg`. The table has the peak of each half of a stage: what grows with the corpus shows there.
"""

import argparse
import csv
import math
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import astuple, dataclass, fields
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))

from soaking.growing_text import distinct_words, read_texts, write_text  # noqa: E402
from soaking.memory_plot import draw  # noqa: E402

_TICKS = os.sysconf("SC_CLK_TCK")
_WORKER = "beam_jobs.execution.worker"


@dataclass(frozen=True)
class Sample:
    """One process at one moment."""

    second: float  # since the first command began
    stage: str
    process: str  # "driver", "worker 1", ...
    rss_mb: float
    cpu_s: float  # since the process began


def main() -> None:
    """Write the text, run the commands, and write the samples, the plot and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gb", type=float, default=5.0, help="size of the text (default: 5)")
    parser.add_argument("--folder", default="soak", help="for text, corpus and results (default: soak)")
    parser.add_argument("--text", default="", help="real documents, .jsonl or .jsonl.gz; else Python's own reference")
    parser.add_argument("--vocabulary_gb", type=float, default=0.0, help="learn from so much of it only (default: all)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--dupe_factor", type=int, default=2)
    parser.add_argument("--vocab_size", type=int, default=32_000)
    parser.add_argument("--interval", type=float, default=2.0, help="seconds between samples (default: 2)")
    options = parser.parse_args()
    folder = Path(options.folder)
    if folder.exists():
        parser.error(f"--folder {folder} exists; name a new one")
    raw, vocabulary, corpus = folder / "raw", folder / "vocabulary", folder / "corpus"
    began = time.monotonic()
    texts = read_texts(options.text)
    size = write_text(raw, int(options.gb * 1e9), texts)
    words = int(size / len("".join(texts).encode()) * sum(len(text.split()) for text in texts))
    print(
        f"{size / 1e9:.2f} GB, about {words / 1e6:,.0f} million words, {distinct_words(words):,} made-up ones among them, "
        f"written in {time.monotonic() - began:.0f} s"
    )
    files = sorted(raw.iterdir())
    learned_from = files[: math.ceil(len(files) * (options.vocabulary_gb or options.gb) / options.gb)]
    workers = ["--max_num_cpus", options.workers]
    others = ["--dupe_factor", options.dupe_factor, "--num_logged_samples", 0]
    commands = {
        vocabulary: [
            "vocabulary",
            "--input",
            *learned_from,
            "--output",
            vocabulary,
            "--vocab_size",
            options.vocab_size,
        ],
        corpus: ["corpus", "--input", raw, "--output", corpus, "--model_class", vocabulary / "custom.json", *others],
    }
    samples: list[Sample] = []
    began = time.monotonic()
    for output, command in commands.items():
        samples += _sampled(list(map(str, [*command, *workers])), output, began, options.interval)
        with (folder / "memory.csv").open("w", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(field.name for field in fields(Sample))
            writer.writerows(astuple(sample) for sample in samples)
    (folder / "memory.svg").write_text(draw(folder / "memory.csv"))
    _print_table(samples)
    for path in (raw, vocabulary, corpus):
        shutil.rmtree(path)


def _sampled(command: list[str], output: Path, began: float, interval: float) -> list[Sample]:
    """Run a command of `beam_jobs` to its end; what was sampled meanwhile."""
    samples: list[Sample] = []
    numbers: dict[int, int] = {}  # of workers
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    stage = command[0]
    with (output.parent / f"{stage}.log").open("wb") as log:
        job = subprocess.Popen(
            [sys.executable, "-m", "beam_jobs", *command], stdout=log, stderr=log, env=environment, cwd=ROOT
        )
        while job.poll() is None:
            second = round(time.monotonic() - began, 1)
            stage = _stage(output) or stage
            for pid in _tree(job.pid):
                process = "driver" if pid == job.pid else f"worker {numbers.setdefault(pid, len(numbers) + 1)}"
                usage = _usage(pid)
                if usage:
                    samples.append(Sample(second, stage, process, *usage))
            time.sleep(interval)
    if job.returncode:
        sys.exit(f"{' '.join(command)} ended with status {job.returncode}; see {log.name}")
    return samples


def _stage(output: Path) -> str:
    """The step that was announced last in an output folder, or below it."""
    announced = [*output.glob("_work/progress/*.total"), *output.glob("*/_work/progress/*.total")]
    times = {}
    for path in announced:
        try:
            times[path.stem] = path.stat().st_mtime_ns
        except OSError:  # just removed
            continue
    return max(times, key=lambda stem: times[stem], default="")


def _tree(root: int) -> list[int]:
    """The process and those of its descendants that are Beam workers."""
    children: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*"):
        try:
            children[int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])].append(int(path.name))
        except OSError:
            continue
    found, waiting = [root], [root]
    while waiting:
        for child in sorted(children[waiting.pop()]):
            waiting.append(child)
            try:
                if _WORKER in Path(f"/proc/{child}/cmdline").read_text():
                    found.append(child)
            except OSError:
                continue
    return found


def _usage(pid: int) -> tuple[float, float] | None:
    """Resident MB and CPU seconds of a process."""
    try:
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1), (int(times[11]) + int(times[12])) / _TICKS


def _print_table(samples: list[Sample]) -> None:
    """The peaks of each process in both halves of each stage, with the stage's wall and CPU seconds."""
    print(f"{'stage':<12}{'process':<10}{'wall s':>8}{'CPU s':>8}{'peak MB, first half':>22}{'second half':>13}")
    for stage in dict.fromkeys(sample.stage for sample in samples):
        chosen = [sample for sample in samples if sample.stage == stage]
        first, last = chosen[0].second, chosen[-1].second
        for process in dict.fromkeys(sample.process for sample in chosen):
            its = [sample for sample in chosen if sample.process == process]
            halves = [
                max((s.rss_mb for s in its if (s.second > (first + last) / 2) == later), default=0.0)
                for later in (False, True)
            ]
            cpu = its[-1].cpu_s - its[0].cpu_s
            print(f"{stage:<12}{process:<10}{last - first:>8.0f}{cpu:>8.0f}{halves[0]:>22.0f}{halves[1]:>13.0f}")


if __name__ == "__main__":
    main()
