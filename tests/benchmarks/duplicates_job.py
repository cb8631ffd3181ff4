"""What each way of `--duplicates`, and `--repeated_lines`, cost the segment job: CPU seconds of whole jobs in one process, by turns.

    .venv/bin/python tests/benchmarks/duplicates_job.py --text FILE [--mb 120] [--passes 3]

FILE is as for duplicates.py. Its documents are repeated, each time with their lines and sentences in another order of all
documents, so that these are new ones; a tenth of all is there twice. `without start` leaves out what the same job costs for ten
documents: building the pipeline, and loading kernels. With `--ranges`, only the first round is measured: reading, sentences and keys of ranges
of 8 MiB, without Beam and without the search. The modes `lines` and `near+lines` are `--repeated_lines 10` with `--duplicates` off and near.
"""

import argparse
import contextlib
import io
import json
import random
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

from beam_jobs.engines.lean_beam import load_beam_lean  # noqa: E402

load_beam_lean()

from duplicates import read_texts  # noqa: E402

from beam_jobs.inputs import plan_ranges  # noqa: E402
from beam_jobs.inputs.plan_file import write_plan  # noqa: E402
from beam_jobs.jobs.segment.job import open_job  # noqa: E402
from beam_jobs.jobs.segment.pipeline import run_segment  # noqa: E402
from beam_jobs.jobs.segment.segment_ranges import segment_range  # noqa: E402
from beam_jobs.settings import SegmentSettings  # noqa: E402

MODES = ("off", "count", "exact", "near")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="a .jsonl or text file, may end in .gz")
    parser.add_argument("--mb", type=float, default=120, help="size of the corpus (default: 120)")
    parser.add_argument("--passes", type=int, default=3, help="jobs of each mode, the best counts (default: 3)")
    parser.add_argument("--modes", nargs="+", default=MODES, help="also lines, near+lines")
    parser.add_argument("--ranges", action="store_true", help="only the calls for ranges of the input")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        size = write_corpus(Path(folder) / "raw.jsonl", read_texts(options.text), options.mb * 1e6)
        lines = (Path(folder) / "raw.jsonl").read_text().splitlines(keepends=True)[:10]
        (Path(folder) / "ten.jsonl").write_text("".join(lines))
        seconds_of = range_seconds if options.ranges else job_seconds
        for mode in options.modes:
            seconds_of(folder, "ten", mode)  # compiles and imports
        best = {(what, mode): float("inf") for what in ("raw", "ten") for mode in options.modes}
        for _ in range(options.passes):
            for what, mode in best:
                best[what, mode] = min(best[what, mode], seconds_of(folder, what, mode))
    print(
        f"{size / 1e6:.0f} MB\n| `--duplicates` | CPU s | of `off` | without start | of `off` |\n|---|---|---|---|---|"
    )
    for mode in options.modes:
        whole, alone = best["raw", mode], best["raw", mode] - best["ten", mode]
        first = options.modes[0]
        shares = best["raw", first] / whole, (best["raw", first] - best["ten", first]) / alone
        print(f"| `{mode}` | {whole:.2f} | {shares[0]:.2f} | {alone:.2f} | {shares[1]:.2f} |")


def write_corpus(file: Path, texts: list[str], size: float) -> int:
    """Write documents of about `size` bytes of text; returns their bytes."""
    draws, written, number = random.Random(1), 0, 0
    lengths = [len(re.split(r"(?<=[.!?]) ", text)) for text in texts]
    with file.open("w") as out:
        while written < size:
            sentences = [sentence for text in texts for sentence in re.split(r"(?<=[.!?]) ", text)]
            draws.shuffle(sentences)
            at = 0
            for length in lengths:
                text = " ".join(sentences[at : at + length])
                at += length
                for _ in range(1 + (draws.random() < 0.11)):
                    out.write(json.dumps({"id": str(number), "lang": "nb", "text": text}) + "\n")
                    number += 1
                    written += len(text.encode())
    return written


def settings_of(mode: str) -> dict[str, Any]:
    """The settings that a mode stands for."""
    copies = mode.removesuffix("lines").removesuffix("+") or "off"
    return {"duplicates": copies, "repeated_lines": 10 if mode.endswith("lines") else 0}


def range_seconds(folder: str, what: str, mode: str) -> float:
    """CPU seconds of the calls for all ranges."""
    with tempfile.TemporaryDirectory(dir=folder) as output:
        settings = SegmentSettings((f"{folder}/{what}.jsonl",), output, **settings_of(mode))
        plan_ranges._MIN_RANGE = plan_ranges._MAX_RANGE
        job, items = open_job(settings, 0.0)
        lines = write_plan(items, job.output, "segment")
        start = time.process_time()
        for line in lines:
            segment_range(line, job)
        return time.process_time() - start


def job_seconds(folder: str, what: str, mode: str) -> float:
    """CPU seconds of one job in this process."""
    with tempfile.TemporaryDirectory(dir=folder) as output, contextlib.redirect_stdout(io.StringIO()):
        settings = SegmentSettings((f"{folder}/{what}.jsonl",), f"{output}/out", max_num_cpus=1, **settings_of(mode))
        start = time.process_time()
        run_segment(settings)
        return time.process_time() - start


if __name__ == "__main__":
    main()
