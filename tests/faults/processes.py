"""Faults of processes: items made twice, zombies, second drivers, wrong clocks, killed workers and drivers."""

import os
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.faults.injection import Act, Ledger, delays, wrong_clock, zombie
from tests.faults.launches import Launch, Row, Series, content_of

_PATIENCE_S = 120
_HOUR = 3600.0


def zombies(series: Series, runs: int) -> list[Row]:
    """A second process makes the same item: at the same time, or it stalls and goes on after the item or the job."""
    of_rows: list[tuple[str, str, bool]] = [
        ("item made by two workers at once", "", False),
        ("zombie that goes on when its item was made again", "create", False),
        ("zombie that goes on after the end, before it creates a file", "create", True),
        ("zombie that goes on after the end, before a file gets its name", "rename", True),
    ]
    rows = []
    for name, stalls_at, late in of_rows:
        row = Row(name)
        for number in range(1, runs + 1):
            output = series.folder / f"zombie{stalls_at}{late}{number}"
            flag, ledger = output.with_suffix(".flag"), Ledger(output.with_suffix(".ledger"))
            comes_back = flag.exists if late else partial(_has_rows, output, number)
            done = series.launch(output, _zombie_act(number, stalls_at, comes_back, ledger))
            flag.touch()
            if not _ends(done.pid):
                row.wrong.append("the zombie did not end")
            row.first_try += done.status == 0
            row.faults += ledger.count()
            series.count(row, done)
            series.check(row, output)
        rows.append(row)
    return rows


def _zombie_act(number: int, stalls_at: str, comes_back: Callable[[], bool], ledger: Ledger) -> Act:
    made: list[Act] = []

    def act(kind: str, path: str) -> None:
        if not made:  # in the launched process, which it changes
            made.append(zombie(number, stalls_at, comes_back, ledger))
        made[0](kind, path)

    return act


def _has_rows(output: Path, number: int) -> bool:
    """Whether this many items are finished."""
    rows = [path for path in output.glob("*/_work/*/*.json") if path.parent.name not in ("failed", "progress", "tmp")]
    return len(rows) >= number


def _ends(session: int) -> bool:
    """Wait until all processes of a session have ended. They are killed if they do not."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    os.killpg(session, signal.SIGKILL)
    return False


def two_drivers(series: Series, runs: int) -> list[Row]:
    """The same command twice, and then again if neither has finished; on two machines, one does not see the other."""
    here = Row("two drivers at once on one machine")
    there = Row("two drivers at once on two machines")
    later = Row("two drivers on two machines, the second in mid-job")
    for number in range(runs):
        for row, before, late in (
            (here, None, False),
            (there, _on_another_machine, False),
            (later, _on_another_machine, True),
        ):
            output = series.folder / f"{row.name.replace(' ', '_')}{number}"
            first = series.launch(output, delays(2 * number), wait=False)
            deadline = time.monotonic() + _PATIENCE_S
            while late and not _has_rows(output, 1 + number % 4) and time.monotonic() < deadline:
                time.sleep(0.005)
            second = series.launch(output, delays(2 * number + 1), wait=False, before=before or (lambda: None))
            for done in (first, second):
                done.wait()
                series.count(row, done)
            row.faults += 1
            row.first_try += 0 in (first.status, second.status)
            if first.status and second.status:
                series.count(row, series.launch(output, None))
            series.check(row, output)
    return [here, there, later, _other_settings(series, runs)]


def _other_settings(series: Series, runs: int) -> Row:
    """Two commands with other seeds; whichever says that it has finished must have its files there."""
    row = Row("two drivers with other seeds on two machines")
    other = ("--random_seed", "7")
    series.launch(series.folder / "other_seed", None, *other)
    expected = [series.expected, content_of(str(series.folder / "other_seed"))]
    for number in range(runs):
        output = series.folder / f"seeds{number}"
        launches = [
            series.launch(output, delays(number), wait=False),
            series.launch(output, delays(number + 50), *other, wait=False, before=_on_another_machine),
        ]
        for done in launches:
            done.wait()
            series.count(row, done)
        row.faults += 1
        row.runs += 1
        row.first_try += any(done.status == 0 for done in launches)
        if all(done.status for done in launches):
            launches = [series.launch(output, None), series.launch(output, None, *other)]
            for done in launches:
                series.count(row, done)
        finished = [i for i, done in enumerate(launches) if done.status == 0]
        if len(finished) != 1 or content_of(str(output)) != expected[finished[0]]:
            row.wrong.append(f"{output}: finished {finished}: " + " | ".join(done.said[-200:] for done in launches))
    return row


def _on_another_machine() -> None:
    socket.gethostname = lambda: "another-machine"


def clocks(series: Series, runs: int) -> list[Row]:
    """The clock is wrong by minutes to days and jumps, and files have wrong dates."""
    row = Row("wrong clock that jumps, files with wrong dates")
    draw = random.Random("clock")
    for number in range(runs):
        output, ledger = series.folder / f"clock{number}", Ledger(series.folder / f"clock{number}.ledger")
        seconds = draw.choice((-1, 1)) * draw.choice((0.1, 3, 50, 1000)) * _HOUR
        done = series.launch(output, None, before=partial(wrong_clock, seconds, ledger))
        series.count(row, done)
        row.faults += ledger.count()
        row.first_try += done.status == 0
        series.check(row, output)
    return [row]


def killed(series: Series, runs: int) -> Iterator[Row]:
    """With two worker processes: one of them, the driver alone, or all of them at once are killed in mid-job."""
    for who in ("a worker process", "the driver alone", "the whole process group"):
        yield _killed(series, runs, who)


def _killed(series: Series, runs: int, who: str) -> Row:
    row = Row(f"{who} killed, of a driver and two workers")
    for number in range(runs):
        output = series.folder / f"killed_{who.replace(' ', '_')}{number}"
        first = series.launch(output, None, "--direct_num_workers", "2", wait=False)
        deadline = time.monotonic() + _PATIENCE_S
        while not _has_rows(output, 1 + 2 * number) and time.monotonic() < deadline and _lives(first):
            time.sleep(0.002)
        workers = _children(first.pid)
        struck = bool(workers) and not (output / "instances/corpus_stats.json").exists()
        if who == "the whole process group":
            os.killpg(first.pid, signal.SIGKILL)
        else:
            os.kill(
                first.pid if who == "the driver alone" or not workers else workers[number % len(workers)],
                signal.SIGKILL,
            )
        first.wait()
        if not _ends(first.pid):
            row.wrong.append("a worker outlived its driver")
        row.faults += struck
        series.count(row, first)
        row.first_try += first.status == 0
        if first.status:
            series.count(row, series.launch(output, None))
        series.check(row, output)
    return row


def _lives(launch: Launch) -> bool:
    return Path(f"/proc/{launch.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def _children(pid: int) -> list[int]:
    """The processes that a process has started, by the system's table."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if path.read_text().rpartition(")")[2].split()[1] == str(pid):
                found.append(int(path.parent.name))
        except OSError:  # it has just ended
            continue
    return sorted(found)
