"""Ctrl-C, kill and a closing terminal: one line, at once, and the same command goes on."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from pydoc_data.topics import topics

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
GOES_ON = "beambert: interrupted; the same command goes on from here"
BEGINS_AGAIN = "beambert: interrupted; the same command begins again"
WORKER = "beam_jobs.execution.worker"
AT_ONCE_S = 60.0  # only against a hang, on any machine; measured: below 0.3 s, before: 4 to 10 s
Content = Callable[[Path], dict[str, object]]
Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks at processes through /proc")


@dataclass
class Terminal:
    """A command in the foreground of a pseudo-terminal of its own, as a user starts it."""

    process: int
    screen: int
    shown: str = ""
    status: int | None = None

    def send(self, keys: bytes) -> None:
        os.write(self.screen, keys)

    def read(self, seconds: float) -> None:
        """What the command has written; `status` when it has ended."""
        if select.select([self.screen], [], [], seconds)[0]:
            try:
                data = os.read(self.screen, 65536)
            except OSError:  # nobody is on the other side any more
                data = b""
            self.shown += data.decode("utf-8", "replace")
            if not data:
                self.status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])

    def read_until(self, reached: Callable[[], bool], seconds: float = 120.0) -> None:
        deadline = time.monotonic() + seconds
        while self.status is None and not reached():
            assert time.monotonic() < deadline, self.shown
            self.read(0.02)

    def read_to_the_end(self) -> float:
        """Seconds until the command has ended."""
        started = time.monotonic()
        self.read_until(lambda: False)
        return time.monotonic() - started

    def lines_after(self, mark: int) -> list[str]:
        """Lines of text since `mark`, without the terminal's echo of Ctrl-C, control sequences and progress."""
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\^C", "", self.shown[mark:])
        lines = [line.strip() for line in re.split(r"[\r\n]+", text)]
        return [line for line in lines if line and " MB/s" not in line]


@pytest.fixture
def in_terminal() -> Iterator[Callable[..., Terminal]]:
    """Start `python -m MODULE ARGUMENTS` in a terminal; whatever is left of it is killed at the end."""
    started: list[Terminal] = []

    def start(module: str, *arguments: object) -> Terminal:
        process, screen = pty.fork()
        if process == 0:
            os.environ.update(PYTHONPATH=str(ROOT), TERM="xterm-256color")
            os.execv(sys.executable, [sys.executable, "-m", module, *map(str, arguments)])
        started.append(Terminal(process, screen))
        return started[-1]

    yield start
    for terminal in started:
        if terminal.status is None:
            os.killpg(terminal.process, signal.SIGKILL)
            os.waitpid(terminal.process, 0)
        os.close(terminal.screen)


@pytest.fixture(scope="module")
def much(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Text enough for two workers and some ten seconds."""
    path = tmp_path_factory.mktemp("much") / "much.jsonl"
    texts = [" ".join(text.split()) for text in topics.values()]
    with path.open("w") as file:
        for copy in range(90):
            file.writelines(json.dumps({"id": f"{copy}-{i}", "text": text}) + "\n" for i, text in enumerate(texts))
    return path


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory, much: Path) -> Path:
    """The same as two files of sentences."""
    folder = tmp_path_factory.mktemp("sentences")
    text = "\n\n".join(json.loads(line)["text"].replace(". ", ".\n") for line in much.open())
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def instances(tmp_path_factory: pytest.TempPathFactory, vocab_file: Path, raw: Path, run: Run) -> Path:
    """Finished instances in several shards."""
    output = tmp_path_factory.mktemp("finished") / "corpus"
    done = run(
        "corpus",
        "--input",
        raw,
        "--output",
        output,
        "--vocab_file",
        vocab_file,
        "--shard_mb",
        "0.05",
        "--dupe_factor",
        "2",
    )
    assert done.returncode == 0, done.stderr
    return output


def children(process: int) -> list[str]:
    """The command lines of the living processes that `process` has started."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                if int(parent) == process and state != "Z":
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:  # gone meanwhile
                continue
    return found


def answers_signals(process: int) -> bool:
    """Whether the command has got as far as to answer SIGTERM: Python itself answers only SIGINT."""
    caught = re.search(r"SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{process}/status").read_text())
    return caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def _two_workers_at_work(terminal: Terminal, output: Path) -> Callable[[], bool]:
    return lambda: (
        sum(WORKER in line for line in children(terminal.process)) == 2
        and any(path.name.startswith(".") for path in output.rglob("_work/tmp/*"))
    )


JOBS = {
    "segment": "--input {much}",
    "vocabulary": "--input {much} --vocab_size 2000",
    "instances": "--input {sentences} --vocab_file {vocab_file} --dupe_factor 20",
}


def _assert_ctrl_c_stops_it_with_one_line(terminal: Terminal) -> None:
    assert terminal.status is None, terminal.shown
    mark = len(terminal.shown)
    terminal.send(b"\x03")
    assert terminal.read_to_the_end() < AT_ONCE_S
    assert terminal.status == 130
    assert terminal.lines_after(mark) == [GOES_ON]


@pytest.mark.parametrize("job", JOBS)
def test_ctrl_c_while_two_workers_run(
    in_terminal: Callable[..., Terminal], tmp_path: Path, much: Path, sentences: Path, vocab_file: Path, job: str
) -> None:
    """Anybody who pressed Ctrl-C was told, after seconds of tracebacks, that a worker had died for want of memory."""
    given = JOBS[job].format(much=much, sentences=sentences, vocab_file=vocab_file).split()
    output = tmp_path / "out"
    terminal = in_terminal("beam_jobs", job, *given, "--output", output, "--direct_num_workers=2")
    terminal.read_until(_two_workers_at_work(terminal, output))
    _assert_ctrl_c_stops_it_with_one_line(terminal)


@pytest.mark.parametrize("more", [["--max_num_cpus=1"], ["--direct_running_mode=multi_threading"]])
def test_ctrl_c_where_the_work_is_done_in_the_command_itself(
    in_terminal: Callable[..., Terminal], tmp_path: Path, much: Path, more: list[str]
) -> None:
    """On a machine with one core, or with Beam's threads, the traceback was Beam's."""
    output = tmp_path / "out"
    terminal = in_terminal("beam_jobs", "segment", "--input", much, "--output", output, *more)
    terminal.read_until(lambda: any(output.rglob("_work/tmp/.*")))
    _assert_ctrl_c_stops_it_with_one_line(terminal)


@pytest.mark.parametrize(
    ("module", "arguments", "line"),
    [
        ("beam_jobs", "demo --output {out}", GOES_ON),
        ("beam_jobs", "vocab lint --vocab_file {vocab_file} --text {much}", BEGINS_AGAIN),
        ("vocab", "lint --vocab_file {vocab_file} --text {much}", BEGINS_AGAIN),
        ("beam_jobs", "segment --input {much} --output {out}", GOES_ON),
        ("beam_jobs", "inspect {instances}", BEGINS_AGAIN),
    ],
)
def test_ctrl_c_as_soon_as_the_command_has_begun(
    in_terminal: Callable[..., Terminal],
    tmp_path: Path,
    much: Path,
    vocab_file: Path,
    instances: Path,
    module: str,
    arguments: str,
    line: str,
) -> None:
    """A mistake seen the moment Enter was pressed gave a page of import lines instead of one."""
    names = {"out": tmp_path / "out", "much": much, "vocab_file": vocab_file, "instances": instances}
    terminal = in_terminal(module, *arguments.format(**names).split())
    terminal.read_until(lambda: answers_signals(terminal.process))
    terminal.send(b"\x03\x03")  # the second, of an impatient user, changes nothing
    assert terminal.read_to_the_end() < AT_ONCE_S
    assert terminal.status == 130
    assert terminal.lines_after(0)[-1:] == [line]
    assert "Traceback" not in terminal.shown


def test_ctrl_c_while_processes_inspect_shards(in_terminal: Callable[..., Terminal], instances: Path) -> None:
    """Every process of an inspection printed a traceback of its own."""
    terminal = in_terminal("beam_jobs", "inspect", instances, "--check", "all", "--max_num_cpus", "2")
    terminal.read_until(lambda: sum("spawn_main" in line for line in children(terminal.process)) == 2)
    assert terminal.status is None, terminal.shown
    mark = len(terminal.shown)
    terminal.send(b"\x03")
    assert terminal.read_to_the_end() < AT_ONCE_S
    assert terminal.status == 130
    assert [line for line in terminal.lines_after(mark) if "records read" not in line] == [BEGINS_AGAIN]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_requests_to_stop(in_terminal: Callable[..., Terminal], tmp_path: Path, number: signal.Signals) -> None:
    """A connection that broke, or a cluster's `kill`, ended jobs without a word of how to go on."""
    terminal = in_terminal("beam_jobs", "demo", "--output", tmp_path / "out")
    terminal.read_until(lambda: answers_signals(terminal.process))
    os.kill(terminal.process, number)
    assert terminal.read_to_the_end() < AT_ONCE_S
    assert terminal.status == 128 + number
    assert terminal.lines_after(0)[-1:] == [GOES_ON]


def test_a_stopped_corpus_goes_on_to_the_same_bytes(
    tmp_path: Path, in_terminal: Callable[..., Terminal], raw: Path, vocab_file: Path, run: Run, content: Content
) -> None:
    """A batch system that stops all processes of a job at its time limit must not cost more than the unfinished shards."""
    given = ["corpus", "--input", raw, "--vocab_file", vocab_file, "--shard_mb", "0.03", "--dupe_factor", "20"]
    output = tmp_path / "stopped"
    terminal = in_terminal("beam_jobs", *given, "--output", output, "--direct_num_workers=2")
    terminal.read_until(lambda: any(output.glob("instances/_work/instances/*.json")))
    assert terminal.status is None, terminal.shown
    mark = len(terminal.shown)
    os.killpg(terminal.process, signal.SIGTERM)
    assert terminal.read_to_the_end() < AT_ONCE_S
    assert terminal.status == 128 + signal.SIGTERM
    assert terminal.lines_after(mark) == [GOES_ON]
    assert not (output / "instances" / "manifest.json").exists()
    for folder in (output, tmp_path / "whole"):
        done = run(*given, "--output", folder)
        assert done.returncode == 0, done.stderr
    assert content(output) == content(tmp_path / "whole")


def test_one_worker_asked_for_is_one_process(in_terminal: Callable[..., Terminal], tmp_path: Path, much: Path) -> None:
    """A user of a shared machine asked Beam for one worker and got two: with one, the command does the work itself."""
    output = tmp_path / "out"
    terminal = in_terminal("beam_jobs", "segment", "--input", much, "--output", output, "--direct_num_workers=1")
    terminal.read_until(lambda: any(output.rglob("_work/tmp/.*.txt.*")))
    assert terminal.status is None, terminal.shown
    assert [line for line in children(terminal.process) if WORKER in line] == []
