"""Runs `corpus` again and again while faults happen, until it has finished, and compares its files with those of a
faultless run.

    PYTHONPATH=. .venv/bin/python tests/faults/series.py --runs 12

prints a table with a row for each kind of fault. A launch that fails is repeated, as a user would repeat it. The exit
status is 1 if any run ends with other files, if a launch fails without a line about it, or if a launch ends
well without a line for each transient error. Every launch is a process of its own, forked from this one.
"""

import argparse
import errno
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from pydoc_data.topics import topics

import beam_jobs.jobs.corpus  # noqa: F401  # imported once, so that a launch is quick
from beam_jobs.__main__ import main as beambert
from tests.faults.injection import Act, Ledger, at_a_rate, at_operation, delays, install, kill, raise_code, zombie

TRANSIENT = (errno.EIO, errno.ETIMEDOUT, errno.ECONNRESET)
ALL_KINDS = ("create", "write", "rename", "renamed", "open", "read")
_OF_ONE_LAUNCH = (
    "time_taken_min",
    "data_dir",
    "output_dir",
    "vocab_file",
    "run_name",
    "max_num_cpus",
    "run_in_parallel",
)
_MOST_LAUNCHES = 12
_PATIENCE_S = 240


@dataclass
class Row:
    """What happened in the runs of one kind of fault."""

    name: str
    runs: int = 0
    faults: int = 0
    launches: int = 0
    retries: int = 0  # announced by a worker or by the driver
    first_try: int = 0  # runs that needed one launch
    wrong: list[str] = field(default_factory=list)  # what must not be
    left: set[str] = field(default_factory=set)  # files in the work folder of a finished run

    def line(self) -> str:
        """The row of the table."""
        verdict = f"{len(self.wrong)} WRONG" if self.wrong else "same files"
        left = f", {len(self.left)} left in _work" if self.left else ""
        return (
            f"| {self.name} | {self.runs} | {self.faults} | {self.retries} | {self.launches} | {self.first_try} | "
            f"{verdict}{left} |"
        )


class Series:
    """Runs of one small corpus below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._arguments = _inputs(folder)
        self._runs = 0
        self.expected: dict[str, object] = {}
        done = self.launch(folder / "faultless", lambda kind, path: None)
        if done.status:
            raise SystemExit(f"the faultless run failed:\n{done.said}")
        self.expected = _content(folder / "faultless")

    def launch(self, output: Path, act: Act | None, *more: str, wait: bool = True) -> "Launch":
        """Start the job in a process of its own, with `act` between it and the file system."""
        self._runs += 1
        log = self.folder / f"launch{self._runs}.log"
        pid = os.fork()
        if not pid:
            with log.open("wb") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            status = 1
            try:
                os.setsid()
                if act is not None:
                    install(act, str(self.folder))
                status = beambert([*self._arguments, "--output", str(output), *more])
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        launch = Launch(pid, log)
        if wait:
            launch.wait()
        return launch

    def run(self, row: Row, make_act: Callable[[int, Ledger], Act], *more: str, again: bool = False) -> Path:
        """One run: launches until one succeeds. Faults happen in the first one, or with `again` in all of them."""
        output = self.folder / f"run{self._runs}"
        ledger = Ledger(self.folder / f"ledger{self._runs}")
        for number in range(_MOST_LAUNCHES):
            before = ledger.count()
            act = make_act(number, ledger) if again or number == 0 else None
            done = self.launch(output, act, *more)
            row.launches += 1
            row.retries += done.retries
            faults = ledger.count() - before
            row.faults += faults
            if done.status in (1, 2) and not done.tells_why:
                row.wrong.append(f"launch failed in silence: {done.said[-300:]}")
            if again and done.status == 0 and faults > done.retries:
                row.wrong.append(f"{faults} faults, but only {done.retries} announced")
            if done.status == 0:
                row.first_try += number == 0
                break
        self.check(row, output)
        return output

    def check(self, row: Row, output: Path) -> None:
        """Compare the files of a run with those of the faultless one."""
        row.runs += 1
        found = _content(output)
        left = {name for name in found if "/_work/" in f"/{name}" and name not in self.expected}
        row.left |= left
        different = [
            name
            for name in sorted((found.keys() | self.expected.keys()) - left)
            if found.get(name) != self.expected.get(name)
        ]
        if different:
            row.wrong.append(f"{output}: {' '.join(different[:5])}")


@dataclass
class Launch:
    """A launch, its exit status (negative: the signal that killed it) and what it printed."""

    pid: int
    log: Path
    status: int = 0

    def wait(self) -> None:
        """Wait for its end; it is killed if it does not come."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                return
            if time.monotonic() > deadline:
                os.killpg(self.pid, signal.SIGKILL)
            time.sleep(0.01)

    @property
    def said(self) -> str:
        """What it printed."""
        return self.log.read_text(errors="replace")

    @property
    def retries(self) -> int:
        """How many lines tell of another try."""
        return self.said.count("; trying again in ")

    @property
    def tells_why(self) -> bool:
        """Whether it says why it failed."""
        return "beambert: error: " in self.said or "Error: " in self.said


def rates(series: Series, runs: int) -> list[Row]:
    """Transient errors in a share of all operations, in every launch."""
    return _at_rates(series, runs, [(ALL_KINDS, 0.01), (ALL_KINDS, 0.03)])


def kinds(series: Series, runs: int) -> list[Row]:
    """Transient errors in a share of the operations of one kind, in every launch."""
    return _at_rates(series, runs, [((kind,), 0.08) for kind in ALL_KINDS])


def _at_rates(series: Series, runs: int, of_rows: Sequence[tuple[tuple[str, ...], float]]) -> list[Row]:
    rows = []
    for kinds, rate in of_rows:
        what = f"`{kinds[0]}`" if len(kinds) == 1 else "any operation"
        row = Row(f"transient errors of {what}, {rate:.0%}")
        for seed in range(runs):

            def act(number: int, ledger: Ledger, seed: int = seed) -> Act:
                return at_a_rate(kinds, rate, TRANSIENT, 1000 * seed + number, ledger)  # noqa: B023

            series.run(row, act, again=True)
        rows.append(row)
    return rows


def replays(series: Series, runs: int) -> list[Row]:
    """Bundles that run twice, with transient errors."""
    row = Row("every bundle twice, transient errors of any operation, 1%")
    for seed in range(runs):

        def act(number: int, ledger: Ledger, seed: int = seed) -> Act:
            return at_a_rate(ALL_KINDS, 0.01, TRANSIENT, 77_000 + 100 * seed + number, ledger)

        series.run(row, act, "--direct_runner_bundle_repeat=1", again=True)
    return [row]


def single(series: Series, runs: int) -> list[Row]:
    """One fault at a random operation of the first launch."""
    faults = [("process killed", kill), *((errno.errorcode[code], raise_code(code)) for code in (28, 13))]
    rows = []
    for name, fault in faults:
        row = Row(f"{name} at one operation")
        draw = random.Random(name)
        for _ in range(runs):
            series.run(row, lambda number, ledger: at_operation(draw.randrange(1, 120), ALL_KINDS, fault, ledger))  # noqa: B023
        rows.append(row)
    return rows


def zombies(series: Series, runs: int) -> list[Row]:
    """A second process makes the same item: at the same time, or after the job has ended."""
    rows = []
    for late in (False, True):
        row = Row("zombie worker that writes after the end" if late else "item made by two workers at once")
        for number in range(1, runs + 1):
            flag = series.folder / f"flag{late}{number}"
            ledger = Ledger(series.folder / f"zombie{late}{number}")
            output = series.folder / f"zombie_run{late}{number}"
            done = series.launch(output, _zombie_act(number, late, flag, ledger))
            flag.touch()
            deadline = time.monotonic() + 60
            while _session_lives(done.pid) and time.monotonic() < deadline:
                time.sleep(0.02)
            if _session_lives(done.pid):
                os.killpg(done.pid, signal.SIGKILL)
                row.wrong.append("the zombie did not end")
            row.launches += 1
            row.first_try += done.status == 0
            row.faults += ledger.count()
            series.check(row, output)
        rows.append(row)
    return rows


def _zombie_act(number: int, late: bool, flag: Path, ledger: Ledger) -> Act:
    made: list[Act] = []

    def act(kind: str, path: str) -> None:
        if not made:  # in the launched process, which it changes
            made.append(zombie(number, late, flag, ledger))
        made[0](kind, path)

    return act


def _session_lives(session: int) -> bool:
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    return True


def two_drivers(series: Series, runs: int) -> list[Row]:
    """The same command twice at once; then again, if neither has finished."""
    row = Row("two drivers on one output")
    for number in range(runs):
        output = series.folder / f"two{number}"
        both = [series.launch(output, delays(2 * number + i), wait=False) for i in range(2)]
        for done in both:
            done.wait()
            row.launches += 1
            if done.status in (1, 2) and not done.tells_why:
                row.wrong.append("a driver failed in silence")
        row.faults += 1
        row.first_try += any(done.status == 0 for done in both)
        if all(done.status for done in both):
            row.launches += 1
            series.launch(output, None)
        series.check(row, output)
    return [row]


GROUPS = {
    "rates": rates,
    "kinds": kinds,
    "replays": replays,
    "single": single,
    "zombies": zombies,
    "two_drivers": two_drivers,
}


def _inputs(folder: Path) -> list[str]:
    raw = folder / "raw"
    raw.mkdir()
    chosen = sorted(topics.items())[:24]
    for number in range(6):
        lines = [json.dumps({"id": name, "text": " ".join(text.split())}) for name, text in chosen[number::6]]
        (raw / f"{number}.jsonl").write_text("\n".join(lines) + "\n")
    characters = sorted({c for text in topics.values() for c in text if not c.isspace()})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{c}" for c in characters if c.isalnum())]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
    settings = f"--input {raw} --vocab_file {folder / 'vocab.txt'} --model_class bert_multi_cased --shard_mb 0.02"
    return ["corpus", *settings.split(), "--dupe_factor", "1", "--max_num_cpus", "1", "--dev_fraction", "0.2"]


def _content(output: Path) -> dict[str, object]:
    files: dict[str, object] = {}
    for path in sorted(output.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(output))
            if path.name == "corpus_stats.json":
                files[name] = {k: v for k, v in json.loads(path.read_text()).items() if k not in _OF_ONE_LAUNCH}
            else:
                files[name] = path.read_bytes()
    return files


def main() -> int:
    """Run all series and print the table. Returns 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=12, help="runs of each kind (default: 12)")
    parser.add_argument("--only", choices=GROUPS, action="append", help="only these rows; repeatable")
    options = parser.parse_args()
    runs = options.runs
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        series = Series(Path(folder).resolve())
        print("| fault | runs | faults | tries announced | launches | runs with one launch | in the end |", flush=True)
        print("|---|---|---|---|---|---|---|", flush=True)
        for group in options.only or GROUPS:
            for row in GROUPS[group](series, runs):
                print(row.line(), flush=True)
                rows.append(row)
    print(f"{sum(row.faults for row in rows)} faults in {sum(row.launches for row in rows)} launches")
    for row in rows:
        for wrong in row.wrong:
            print(f"{row.name}: {wrong}")
        for name in sorted(row.left):
            print(f"{row.name}: left {name}")
    return 1 if any(row.wrong for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
