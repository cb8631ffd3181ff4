"""The rounds of `--contained 0.8` and `--repeated_lines 10` for 540 million lines in 40.8 million documents: CPU and memory of one call of each.

    .venv/bin/python tests/benchmarks/repeated_lines.py --folder /tmp/simulation

As in duplicates_simulation.py, the product's own functions read sparse key files, filled in as far as the measured calls read
them. Three lines in ten stand in many documents: a hundred forms in ten thousand documents each of those of the measured call, the
others in about 40. Each call is measured in a process of its own that has loaded Beam. About 2 GB are written below `--folder`, and removed.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from beam_jobs.engines.lean_beam import load_beam_lean  # noqa: E402

load_beam_lean()

import apache_beam  # noqa: E402, F401  # as in a worker

from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask, read_plan_of_rounds  # noqa: E402
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file  # noqa: E402
from beam_jobs.jobs.segment.job import SegmentJob  # noqa: E402
from beam_jobs.jobs.segment.key_files.document_rank import pack_rank  # noqa: E402
from beam_jobs.jobs.segment.key_files.key_sections import KEYS, DocumentFacts, _fact_parts  # noqa: E402
from beam_jobs.jobs.segment.key_files.line_lists import LINE, LINE_KEY, LINE_RANGES  # noqa: E402
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, write_section  # noqa: E402
from beam_jobs.jobs.segment.key_files.section_lines import first_line_part  # noqa: E402
from beam_jobs.jobs.segment.line_rounds import (  # noqa: E402
    contained,
    cut,
    forms,
    gather,
    holders,
    left_out,
    plan,
    shared,
)
from beam_jobs.jobs.segment.line_rounds.cut import CutTask  # noqa: E402
from beam_jobs.settings import SegmentSettings  # noqa: E402

DOCUMENTS, LINES_PER_DOCUMENT, RANGES = 40_800_000, 13, 3390
PER_RANGE = DOCUMENTS // RANGES
IN_CALL = PER_RANGE * LINES_PER_DOCUMENT // LINE_RANGES  # lines of a range in a range of keys
REPEATED, HOT = 0.3, 0.05
STEPS = ("plan", "left_out", "shared", "contained", "holders", "forms", "all_forms", "cut")


def main() -> None:
    """Write the files, measure each step in its turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="for the files; it must not be there yet")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(measure(options.step, options.folder)))
        return
    options.folder.mkdir(parents=True)
    try:
        write_key_files(options.folder)
        print(f"{RANGES * IN_CALL * LINE_RANGES:,} lines\n| call | CPU s | peak MB | calls | CPU min in all |")
        print("|---|---|---|---|---|")
        total = 0.0
        for step in STEPS:
            command = [sys.executable, __file__, "--folder", str(options.folder), "--step", step]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr)
            seconds, peak, calls = json.loads(done.stdout.splitlines()[-1])
            total += seconds * calls / 60
            print(f"| `{step}` | {seconds:.2f} | {peak:.0f} | {calls} | {seconds * calls / 60:.1f} |", flush=True)
        print(f"| together | | | | {total:.1f} |")
    finally:
        shutil.rmtree(options.folder)


def job_in(folder: Path) -> SegmentJob:
    """The job whose rounds are simulated."""
    settings = SegmentSettings(("in",), str(folder), duplicates="off", repeated_lines=10, contained=0.8)
    return SegmentJob(settings, str(folder), "0" * 16, 0.0)


def write_key_files(folder: Path) -> None:
    """Key files with the first range of keys of the list of lines, and all of those of the first group."""
    draws = np.random.default_rng(1)
    first, rank = first_line_part(0), pack_rank("train", 2700)
    table = IN_CALL * LINE_RANGES
    per_document = np.full(PER_RANGE, table // PER_RANGE, "<u4")
    per_document[: table % PER_RANGE] += 1
    pool = np.concatenate(
        (draws.integers(0, 1 << 56, int(RANGES * IN_CALL * REPEATED) // 40, np.uint64), np.arange(1, 101))
    )
    whole = plan._GROUP_LINES // table + 1  # ranges of the first group
    (folder / KEYS).mkdir(parents=True)
    for index in range(RANGES):
        facts = [b""] * 5
        if index < whole:
            facts = _fact_parts([fact(index, i, int(count)) for i, count in enumerate(per_document)])
        sizes = np.zeros(first + LINE_RANGES + 3, np.int64)
        sizes[0] = 64 * 8
        sizes[first - 5 : first] = [len(part) for part in facts]
        sizes[first : first + LINE_RANGES] = IN_CALL * LINE_KEY.itemsize
        sizes[-3:] = per_document.nbytes, table * LINE.itemsize, per_document.nbytes
        offsets = np.concatenate(([0], np.cumsum(sizes))) + (len(sizes) + 1) * 8
        with (folder / KEYS / f"{index:06d}.bin").open("wb") as file:
            file.write(offsets.astype("<u8").tobytes())
            file.write(((rank << 32) | np.linspace(0, PER_RANGE - 1, 64).astype(np.int64)).astype("<i8").tobytes())
            file.seek(int(offsets[first - 5]))
            file.write(b"".join(facts))
            records = np.empty(IN_CALL, LINE_KEY)
            records["key"] = keys = np.sort(drawn(draws, pool, IN_CALL))
            records["document"] = draws.choice(PER_RANGE, IN_CALL, replace=False)
            records["rank"] = rank
            records["words"] = 10
            file.seek(int(offsets[first]))
            file.write(records.tobytes())
            if index < whole:
                lines = np.empty(table, LINE)
                lines["key"], lines["bytes"], lines["sentences"] = drawn(draws, pool, table), 200, 2
                lines["key"][:: table // IN_CALL][: len(keys)] = keys
                file.seek(int(offsets[-4]))
                file.write(per_document.tobytes() + lines.tobytes())
            file.seek(int(offsets[-2]))
            file.write((10 * per_document).tobytes())


def fact(index: int, number: int, lines: int) -> DocumentFacts:
    """A document of lines of two sentences and 200 bytes, in a block of a thousand."""
    place = number, 3000, number // 1000, number % 1000 * 2700, 200 * lines + 1
    lengths = array("Q", [96] * 2 * lines)
    return DocumentFacts(f"https://example.org/{index}/{number}", "f", "s", "nb", "train", *place, lengths)


def drawn(draws: np.random.Generator, pool: np.ndarray, count: int) -> np.ndarray:
    """Keys of lines: some of frequent lines, most of lines that stand alone."""
    kind = draws.random(count)
    many = pool[draws.integers(0, len(pool) - 100, count)]
    hot = pool[len(pool) - 100 + draws.integers(0, 100, count)]
    alone = draws.integers(0, 1 << 56, count, np.uint64)
    return np.where(kind < HOT, hot, np.where(kind < REPEATED, many, alone)).astype(np.uint64)


def measure(step: str, folder: Path) -> tuple[float, float, int]:
    """CPU seconds and peak MB of one call, and how many such calls there are."""
    job = job_in(folder)
    section = [PER_RANGE, 0, IN_CALL * LINE_RANGES]
    rows = [{"index": i, "keys": {"crc32c": f"{i:08x}", "sections": [section]}} for i in range(RANGES)]
    made = None if step == "plan" else read_plan_of_rounds(job.output, plan.STEP)
    groups, key_ranges = (0, 0) if made is None else (len(made.groups) - 1, made.key_ranges)
    calls = {"shared": key_ranges, "forms": key_ranges, "holders": groups, "cut": groups}
    prepare: dict[str, Callable[[], Callable[[], object]]] = {
        "plan": lambda: lambda: plan.write_line_plan(rows, job),
        "left_out": lambda: lambda: left_out.mark_left_out([], "", job),
        "shared": lambda: lambda: shared.find_shared(RoundTask(0, ""), job),
        "contained": lambda: with_shared(job, key_ranges),
        "holders": lambda: lambda: holders.tell_holders(RoundTask(0, ""), row_of(job, "contained")["chunks"], job),
        "forms": lambda: lambda: forms.find_forms(RoundTask(0, ""), job),
        "all_forms": lambda: with_all_forms(job, key_ranges),
        "cut": lambda: with_holders(job, groups),
    }
    call = prepare[step]()
    start = time.process_time()
    call()
    return time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, calls.get(step, 1)


def row_of(job: SegmentJob, step: str) -> dict:
    """The row of the first call of a round."""
    return json.loads(Path(job.output, "_work", step, "000000.json").read_text())


def with_shared(job: SegmentJob, calls: int) -> Callable[[], object]:
    """The choice among the lines of the measured call, for every call."""
    row = row_of(job, shared.STEP)
    for number in range(1, calls):
        Path(round_file(shared.STEP, number, job.output)).symlink_to(Path(round_file(shared.STEP, 0, job.output)))
    rows = [{**row, "index": number} for number in range(calls)]
    return lambda: contained.choose_contained(rows, RoundTask(0, ""), job)


def with_holders(job: SegmentJob, groups: int) -> Callable[[], object]:
    """The cut of the first group, none of whose documents has a holder in another group."""
    for number in range(1, groups):
        with Path(round_file(holders.STEP, number, job.output)).open("wb") as file:
            write_section(CheckedStream(file), np.zeros(groups, np.int64), [])
    return lambda: cut.cut_lines(CutTask(0, "", row_of(job, gather.STEP)["forms"]), job)


def with_all_forms(job: SegmentJob, calls: int) -> Callable[[], object]:
    """The gathering of the forms of the measured call, and of as many of each of the others."""
    found = np.fromfile(round_file(forms.STEP, 0, job.output), forms.FORM)
    for number in range(1, calls):
        found["key"] += np.uint64(1 << 56)
        Path(round_file(forms.STEP, number, job.output)).write_bytes(found.tobytes())
    rows = [{"index": number, "forms": len(found), "most_frequent": []} for number in range(calls)]
    return lambda: gather.gather_forms(rows, [], RoundTask(0, ""), job)


if __name__ == "__main__":
    main()
