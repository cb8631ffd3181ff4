"""Launches `corpus` on a small text, each time in a process forked from this one, and compares its files.

A run is launches until one succeeds, as a user would repeat the command. All files must then be those of a faultless
run, and a launch that fails must say why.
"""

import json
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import beam_jobs.jobs.corpus  # noqa: F401  # imported once, so that a launch is quick
from beam_jobs import storage
from beam_jobs.__main__ import main as beambert
from tests.faults.injection import Act, Ledger, install

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
        self.arguments = _inputs(folder)
        self._runs = 0
        self.expected: dict[str, object] = {}
        done = self.launch(folder / "faultless", lambda kind, path: None)
        if done.status:
            raise SystemExit(f"the faultless run failed:\n{done.said}")
        self.expected = content_of(str(folder / "faultless"))

    def launch(
        self,
        output: Path | str,
        act: Act | None,
        *more: str,
        wait: bool = True,
        before: Callable[[], object] = lambda: None,
    ) -> "Launch":
        """Start the job in a process of its own, with `act` between it and the local files.

        `before` is called in that process first. `more` are further arguments; the last of equal ones counts.
        """
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
                before()
                if act is not None:
                    install(act, str(self.folder))
                inputs = () if "--input" in more else ("--input", str(self.folder / "raw"))
                status = beambert([*self.arguments, *inputs, "--output", str(output), *more])
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

    def run(
        self,
        row: Row,
        make_act: Callable[[int, Ledger], Act],
        *more: str,
        again: bool = False,
        before: Callable[[], object] = lambda: None,
    ) -> Path:
        """One run: launches until one succeeds. Faults happen in the first one, or with `again` in all of them."""
        output = self.folder / f"run{self._runs}"
        ledger = Ledger(self.folder / f"ledger{self._runs}")
        for number in range(_MOST_LAUNCHES):
            so_far = ledger.count()
            act = make_act(number, ledger) if again or number == 0 else None
            done = self.launch(output, act, *more, before=before)
            self.count(row, done)
            faults = ledger.count() - so_far
            row.faults += faults
            if again and done.status == 0 and faults > done.retries:
                row.wrong.append(f"{faults} faults, but only {done.retries} announced")
            if done.status == 0:
                row.first_try += number == 0
                break
        else:
            row.wrong.append(f"no launch of {_MOST_LAUNCHES} succeeded: {done.said[-300:]}")
        self.check(row, output)
        return output

    def count(self, row: Row, done: "Launch") -> None:
        """Count a launch that has ended."""
        row.launches += 1
        row.retries += done.retries
        if done.status in (1, 2) and not done.tells_why:
            row.wrong.append(f"launch failed in silence: {done.said[-300:]}")

    def check(
        self, row: Row, output: Path | str, call: Callable[[Callable[[], Any]], Any] = lambda read: read()
    ) -> None:
        """Compare the files of a run with those of the faultless one. `call` calls what reads them."""
        row.runs += 1
        found = call(lambda: content_of(str(output)))
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
    settings = f"--vocab_file {folder / 'vocab.txt'} --model_class bert_multi_cased --shard_mb 0.02"
    return ["corpus", *settings.split(), "--dupe_factor", "1", "--max_num_cpus", "1", "--dev_fraction", "0.2"]


def in_a_process(work: Callable[[], object], file: Path) -> object:
    """The result of `work()`, called in a process of its own, so that this one keeps no connections for those to come."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            file.write_bytes(pickle.dumps(work()))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    if os.waitpid(pid, 0)[1]:
        raise SystemExit("a helper process failed")
    return pickle.loads(file.read_bytes())


def content_of(output: str) -> dict[str, object]:
    """The content of each file below `output`, without what belongs to one launch."""
    files: dict[str, object] = {}
    for name in storage.list_folder(output):
        data = storage.read_bytes(storage.join(output, name))
        if name.endswith("corpus_stats.json"):
            files[name] = {k: v for k, v in json.loads(data).items() if k not in _OF_ONE_LAUNCH}
        elif not name.endswith("config.toml"):  # it names the output
            files[name] = data
    return files
