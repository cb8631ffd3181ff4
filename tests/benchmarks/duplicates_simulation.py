"""The rounds of `--duplicates near` for a corpus of 40.8 million documents: CPU and memory of one call of each.

    .venv/bin/python tests/benchmarks/duplicates_simulation.py --folder /tmp/simulation

The product's own functions read key files of the right number and form, of which only what the measured calls read is filled
in: the files are sparse. A tenth of the documents are exact copies; of the rest, a third share a key of the measured band
with one or two others. Each call is measured in a process of its own that has loaded Beam, as workers have; its CPU seconds
times the number of such calls is what the whole corpus takes. About 2 GB are written below `--folder`, and removed.
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

from beam_jobs.duplicates.band_keys import BANDS  # noqa: E402
from beam_jobs.jobs.segment.duplicate_rounds import copies, kept, links, pairs, removed, rounds  # noqa: E402
from beam_jobs.jobs.segment.duplicate_rounds.links import LINK  # noqa: E402
from beam_jobs.jobs.segment.duplicate_rounds.plan import (  # noqa: E402
    RoundTask,
    read_plan_of_rounds,
    write_plan_of_rounds,
)
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, write_cut  # noqa: E402
from beam_jobs.jobs.segment.job import SegmentJob  # noqa: E402
from beam_jobs.jobs.segment.key_files.document_rank import pack_rank, whole_ranks  # noqa: E402
from beam_jobs.jobs.segment.key_files.key_sections import (  # noqa: E402
    BAND,
    EXACT,
    KEY_RANGES,
    KEYS,
    DocumentFacts,
    _fact_parts,
)
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, write_section  # noqa: E402
from beam_jobs.settings import SegmentSettings  # noqa: E402

DOCUMENTS = 40_800_000
PER_RANGE = 4 * 47 * KEY_RANGES  # documents of 32 MiB of text, as many in each range of keys
FILLED = 4  # ranges of keys that the measured call of a list reads
COPIES, ALIKE = 0.1, 0.33
STEPS = ("plan", "copies", "mark", "links", "pairs", "choice", "kept", "removed")


def main() -> None:
    """Write the files, measure each step in its turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="for the files; it must not be there yet")
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    ranges = options.documents // PER_RANGE
    if options.step:
        print(json.dumps(measure(options.step, options.folder, ranges)))
        return
    options.folder.mkdir(parents=True)
    try:
        write_key_files(options.folder, ranges)
        print(
            f"{ranges * PER_RANGE:,} documents in {ranges:,} ranges\n| call | CPU s | peak MB | calls | CPU min in all |"
        )
        print("|---|---|---|---|---|")
        total = 0.0
        for step in STEPS:
            command = [sys.executable, __file__, "--folder", str(options.folder), "--documents", str(options.documents)]
            done = subprocess.run([*command, "--step", step], capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr)
            seconds, peak, calls, note = json.loads(done.stdout.splitlines()[-1])
            total += seconds * calls / 60
            print(f"| `{step}`{note} | {seconds:.2f} | {peak:.0f} | {calls} | {seconds * calls / 60:.1f} |", flush=True)
        print(f"| together | | | | {total:.1f} |")
    finally:
        shutil.rmtree(options.folder)


def job_in(folder: Path) -> SegmentJob:
    """The job whose rounds are simulated."""
    return SegmentJob(SegmentSettings(("in",), str(folder), duplicates="near"), str(folder), "0" * 16, 0.0)


def sizes_of_parts(facts: int) -> np.ndarray:
    """Bytes of the parts of a section."""
    lists = [PER_RANGE // KEY_RANGES * dtype.itemsize for dtype in (EXACT, *[BAND] * BANDS) for _ in range(KEY_RANGES)]
    return np.array([64 * 8, *lists, facts, 0, 0, 0, 0])


def write_key_files(folder: Path, ranges: int) -> None:
    """Sparse key files: headers, samples, and the first ranges of keys of the exact list and of the first band."""
    draws = np.random.default_rng(1)
    sizes = sizes_of_parts(0)
    offsets = np.concatenate(([0], np.cumsum(sizes))) + (len(sizes) + 1) * 8
    header = offsets.astype("<u8").tobytes()
    number = PER_RANGE // KEY_RANGES * FILLED
    pool = draws.integers(0, 1 << 60, int(ranges * number * 0.3), np.uint64)
    (folder / KEYS).mkdir(parents=True)
    for index in range(ranges):
        lengths = np.exp(draws.normal(7.5, 0.9, PER_RANGE)).astype(np.int64)
        ranks = np.array([pack_rank("train", 0)]) - lengths
        sample = np.sort(whole_ranks(ranks, np.arange(PER_RANGE)))[:: PER_RANGE // 64][:64]
        with (folder / KEYS / f"{index:06d}.bin").open("wb") as file:
            file.write(header + sample.astype("<i8").tobytes())
            for first, dtype, alike in ((1, EXACT, COPIES), (1 + KEY_RANGES, BAND, ALIKE)):
                records = np.zeros(number, dtype)
                fresh = draws.integers(0, 1 << 60, number, np.uint64)
                shared = pool[draws.integers(0, int(len(pool) * alike / 0.3) + 1, number) % len(pool)]
                records["key"] = np.sort(np.where(draws.random(number) < alike, shared, fresh))
                records["document"] = draws.choice(PER_RANGE, number, replace=False)
                records["rank"] = ranks[records["document"]]
                file.seek(int(offsets[first]))
                file.write(records.tobytes())
            file.truncate(int(offsets[-1]))


def range_rows(ranges: int) -> list[dict[str, object]]:
    """The rows of the ranges, as far as they are read."""
    return [{"index": i, "keys": {"crc32c": f"{i:08x}", "sections": [[PER_RANGE, 0]]}} for i in range(ranges)]


def measure(step: str, folder: Path, ranges: int) -> tuple[float, float, int, str]:
    """CPU seconds and peak MB of one call, how many such calls there are, and what was found."""
    job, rows = job_in(folder), range_rows(ranges)
    plan = None if step == "plan" else read_plan_of_rounds(job.output)
    prepare: dict[str, Callable[[], Callable[[], object]]] = {
        "plan": lambda: lambda: write_plan_of_rounds(rows, job),
        "copies": lambda: lambda: copies.find_copies(RoundTask(0, ""), job),
        "mark": lambda: _with_copies(job, plan, lambda found: links.mark_copies(found, RoundTask(0, ""), job)),
        "links": lambda: lambda: links.link_documents(RoundTask(plan.key_ranges, ""), job),
        "pairs": lambda: _with_links(job, plan),
        "choice": lambda: _with_pairs(job, plan, rows),
        "kept": lambda: _with_facts(job, plan, lambda chosen: kept.tell_kept(RoundTask(0, ""), chosen["chunks"], job)),
        "removed": lambda: _with_kept(job, plan),
    }
    call = prepare[step]()
    start = time.process_time()
    row = call()
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    groups = 1 if plan is None else len(plan.groups) - 1
    parts = 1 if plan is None else len(plan.rank_cuts) + 1
    key_ranges = 1 if plan is None else plan.key_ranges
    calls = {"copies": key_ranges, "links": BANDS * key_ranges, "pairs": parts, "kept": groups, "removed": groups}
    found = (
        {name: row[name] for name in ("copies", "links", "pairs", "groups") if name in row} if step != "plan" else {}
    )
    note = "".join(f", {count:,} {name}" for name, count in found.items())
    return seconds, peak, calls.get(step, 1), note


def _with_copies(job: SegmentJob, plan, call: Callable[[list], object]) -> Callable[[], object]:
    """`call` with the rows of the round `copies`: that of the measured call, and made-up ones like it."""
    path = Path(round_file(copies.STEP, 0, job.output))
    measured = path.stat().st_size // copies.COPY.itemsize
    draws = np.random.default_rng(2)
    rows = [{"index": 0, "copies": measured, "crc32c": ""}]
    for index in range(1, plan.key_ranges):
        found = np.empty(measured, copies.COPY)
        found["document"] = draws.choice(plan.documents, measured)
        found["first"] = draws.integers(0, found["document"] + 1)
        path.with_name(f"{index:06d}.bin").write_bytes(found.tobytes())
        rows.append({"index": index, "copies": measured, "crc32c": ""})
    return lambda: call(rows)


def _with_links(job: SegmentJob, plan) -> Callable[[], object]:
    """The call of the first part of the ranks, with so many links as the measured list of a band has in a part."""
    parts = len(plan.rank_cuts) + 1
    size = Path(round_file(links.STEP, plan.key_ranges, job.output)).stat().st_size // LINK.itemsize // parts
    draws = np.random.default_rng(3)
    pool = np.empty(size * 3, LINK)
    pool["later"] = draws.integers(0, plan.documents, len(pool)) | (pack_rank("train", 1 << 20) << 32)
    pool["earlier"] = draws.integers(0, plan.documents, len(pool)) | (pack_rank("train", 1 << 21) << 32)
    for number in range(plan.key_ranges, (1 + BANDS) * plan.key_ranges):
        found = np.sort(pool[draws.choice(len(pool), size, replace=False)], order="later")
        path = Path(round_file(links.STEP, number, job.output))
        with path.open("wb") as file:
            write_cut(CheckedStream(file), found, [size] * len(plan.rank_cuts))
    return lambda: pairs.count_bands(RoundTask(0, ""), job)


def _with_pairs(job: SegmentJob, plan, range_rows_: list) -> Callable[[], object]:
    """The choice, where a third of the documents have a pair."""
    parts, draws = len(plan.rank_cuts) + 1, np.random.default_rng(4)
    rows: list[dict[str, object]] = []
    Path(round_file(pairs.STEP, 0, job.output)).parent.mkdir(exist_ok=True)
    for index in range(parts):
        found = np.empty(int(plan.documents * ALIKE / parts), pairs.PAIR)
        found["later"] = draws.integers(1, plan.documents, len(found))
        found["earlier"] = draws.integers(0, found["later"])
        found["shared"] = 9
        Path(round_file(pairs.STEP, index, job.output)).write_bytes(found.tobytes())
        rows.append({"index": index, "pairs": len(found), "crc32c": ""})
    return _with_copies(job, plan, lambda found: rounds.choose(rows, range_rows_, found, job)[0])


def _with_facts(job: SegmentJob, plan, call: Callable[[dict], object]) -> Callable[[], object]:
    """`call` with the row of the choice, where the sections of the first group have facts."""
    chosen = json.loads(Path(job.output, "_work", "choice", "000000.json").read_text())
    for section in range(int(plan.groups[1])):
        facts = [
            DocumentFacts(
                f"https://example.org/{section}/{i}",
                "f",
                "s",
                "nb",
                "train",
                i,
                3000,
                0,
                i,
                2700,
                array("Q", [96] * 28),
            )
            for i in range(PER_RANGE)
        ]
        made = _fact_parts(facts)
        sizes = sizes_of_parts(0)
        sizes[-len(made) :] = [len(part) for part in made]
        ends = np.concatenate(([0], np.cumsum(sizes))) + (len(sizes) + 1) * 8
        with Path(plan.key_file(section, job.output)).open("r+b") as file:
            file.write(ends.astype("<u8").tobytes())
            file.seek(int(ends[-1 - len(made)]))
            file.write(b"".join(made))
    return lambda: call(chosen)


def _with_kept(job: SegmentJob, plan) -> Callable[[], object]:
    """The first group of `removed`; the calls of all groups have told it where the kept documents are from."""
    end = int(plan.group_begins[1])
    kept_for, _ = removed.read_choice(0, end, plan.documents, job.output)
    lines: list[list[bytes]] = [[] for _ in range(len(plan.groups) - 1)]
    for document in np.flatnonzero(kept_for != np.arange(end)).tolist():
        group = int(np.searchsorted(plan.group_begins, kept_for[document], side="right")) - 1
        lines[group].append(json.dumps([document, "https://example.org/1/2", "f", "s", 7]).encode() + b"\n")
    for group, of_group in enumerate(lines):
        sizes = np.zeros(len(lines), np.int64)
        sizes[0] = sum(map(len, of_group))
        with Path(round_file(kept.STEP, group, job.output)).open("wb") as file:
            write_section(CheckedStream(file), sizes, of_group)

    def call(chosen: dict) -> object:
        task = rounds.plan_removed([{"index": 0, "crc32c": ""}], [chosen], job)[0]
        return removed.tell_removed(task, job)

    return _with_facts(job, plan, call)


if __name__ == "__main__":
    main()
